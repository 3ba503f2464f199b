/** The transcripts that come with the page; they take the same way as files that are dropped. */
import { fromList, type Gathered } from 'zhijian';

export const SAMPLES = [
  'pinduoduo-night-lamp.json',
  'pinduoduo-parcel.json',
  'taobao-curtain.json',
  'taobao-rude.json',
  'taobao-week.csv',
  'qianniu-teapot.txt',
];

export async function samples(): Promise<Gathered> {
  const files = await Promise.all(
    SAMPLES.map(async (name) => {
      const response = await fetch(new URL(`samples/${name}`, document.baseURI));
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return new File([await response.arrayBuffer()], name);
    }),
  );
  return fromList(files);
}
