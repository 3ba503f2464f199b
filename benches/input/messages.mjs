// Conversations to measure with: the same bytes on every machine, for the same count of messages. About one message in
// ten holds a phrase that some standard forbids, which is many times what a real shop sees. Nearly all of it is said
// again and again, as quick replies are; with `distinct` every message ends with characters of its own, so that none is.
import { closeSync, openSync, writeSync } from 'node:fs';

const PRODUCTS = ['台灯', '保温杯', '四件套', '电饭煲', '纯棉短袖', '运动鞋', '儿童书包', '蓝牙耳机', '遮光窗帘', '洗衣液', '收纳箱', '羽绒服', '煎锅', '行李箱', '瑜伽垫', '手机壳'];
const COLOURS = ['白色', '黑色', '浅灰', '藏青', '米色', '酒红'];
const CITIES = ['杭州', '成都', '沈阳', '长沙', '西安', '厦门', '郑州', '昆明'];

const OPENING = ['在吗', '你好，有人在吗', '您好，想问一下这款{p}', '请问这个{p}还有{c}的吗', '我刚拍了一个{p}，想改一下地址'];
const CUSTOMER = [
  '这款{p}的尺寸是多少呀，我家地方不大，怕放不下', '{c}的还有货吗，页面上显示的是缺货', '什么时候能发货，我{d}号要出差，最好在那之前收到',
  '好的，谢谢', '那就拍{c}的吧，两件能不能一起发', '物流{n}天没有动了，一直停在{t}，麻烦帮我看看', '收到的{p}颜色和图片上差得有点多', '能开发票吗，抬头写单位可以吗',
  '我已经付款了，订单号是{o}', '这个{p}洗的时候要注意什么，能不能放进洗衣机', '行，那我再等等看，要是后天还没有消息我再来找你们', '如果不合适想退货，来回的运费是谁来出', '👌', '[图片]',
  '跟上次买的那个{p}比，哪一个更适合老人用', '嗯嗯，明白了', '发的是什么快递，我们这里只有一家能送到村里', '上次说今天给答复，到现在还没有人联系我', '包装盒有点压坏了，里面的东西倒是好的',
  '{t}这边现在下单，大概几天能到，周末送不送', '有没有优惠券可以用，我看别人下单的时候少付了{n}块', '质量太差了，才用了{n}天就坏了，我要退货',
];
const GREETING = ['您好，欢迎光临小店，请问有什么可以帮到您？', '亲，您好，我是今天的值班客服{a}，很高兴为您服务', '在的亲，您请说', '您好，在的，您看中的是哪一款呢'];
const AGENT = [
  '这款{p}有{c}和{e}两种，今天16点之前付款当天就能发出', '好的，我这边帮您查一下，请稍等', '不好意思让您久等了，已经帮您查到了', '麻烦您把订单号发给我，我马上帮您核实',
  '订单{o}已经备注好了，仓库会按新的地址寄出', '{t}那边一般三天左右能收到，偏远的乡镇会多一天', '给您添麻烦了，实在抱歉，我已经向仓库反馈，今天18点之前给您回复',
  '可以的，发票在确认收货以后申请，电子版会发到您的邮箱', '水洗的时候水温不要超过30度，深色和浅色分开洗就可以', '尺码是标准的，平时穿多大就拍多大，拿不准可以告诉我身高体重',
  '收到，我帮您登记了补发，新的单号出来以后第一时间告诉您', '理解您的心情，换作是我也会着急', '退回的运费由我们承担，您先垫付，收到后给您转过去', '亲，{c}的{p}现在有现货，直接拍就行',
  '您放心，签收以后七天之内，只要不影响二次销售都可以退换', '这边看到包裹昨天到了{t}，我帮您催一下派送', '这个问题我转给仓库的同事核实一下，今天17点以前给您一个准确的答复',
];
const FORBIDDEN = [
  '这个我也不知道，你自己看详情页吧', '我们家的{p}全网最低价，绝对不会再便宜了', '物流的事情你自己打电话问快递，不归我管', '加我微信吧，私下转账可以便宜{n}块', '你有病吧，一件{p}问了半天',
  '都说了会发的，急什么急', '爱买不买，没人求着你买', '应该没问题吧，大概{n}天就能到', '这是公司规定，我也没办法', '亲给个五星好评，返您{n}块红包', '没有质量问题是不能退的', '滚，别再来烦我了',
  '这款{p}是行业第一的品牌，包治腰酸背痛', '跟你说过多少遍了，听不懂吗',
];
const CLOSING = ['请问还有其他可以帮您的吗', '好的，祝您生活愉快，欢迎再来', '感谢您的理解，有问题随时联系我们'];

/** A generator of whole numbers below `n`, from a seed. */
function dice(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  };
}

// Characters that mean nothing side by side.
const NAMES = '岚峤岫嵘沅沚沛泠洵淇淞湄溪滢漪澄炜烨煜玥玦珂珩琅琛琪瑄瑜璇璟芷芮苓荇荻莘菁菡萱葭蓁蔚薇薰钧钰铎铭锦镕霁霖雯霏靖韬韵颀颢馥骁骐骞骝';

/** Conversations with that many messages in all, `{ line, texts }` each: a line of JSON, and its texts. */
export function* conversations(count, { seed = 20260301, distinct = false } = {}) {
  const roll = dice(seed);
  const one = (list) => list[roll(list.length)];
  const fill = (sentence) => sentence.replace(/\{(.)\}/g, (_, slot) => {
    switch (slot) {
      case 'p': return one(PRODUCTS);
      case 'c': case 'e': return one(COLOURS);
      case 't': return one(CITIES);
      case 'a': return `小${'雨晴安宁悦'[roll(5)]}`;
      case 'd': return String(1 + roll(28));
      case 'o': return `24${String(1000000000 + roll(1000000000))}`;
      default: return String(2 + roll(8));
    }
  });
  let left = count;
  let said = 0;
  const own = () => {
    let mark = '';
    for (let rest = (said += 1); rest > 0; rest = Math.floor(rest / 64)) mark += NAMES[rest % 64];
    return mark.padStart(4, NAMES[0]);
  };
  for (let index = 0; left > 0; index += 1) {
    const length = Math.min(left, 5 + roll(16));
    const agent = `店铺:客服${roll(60)}`;
    const customer = `买家${index}`;
    let time = Date.UTC(2024, 4, 6, 1) + index * 17_000;
    const messages = [];
    const texts = [];
    for (let k = 0; k < length; k += 1) {
      const byAgent = k % 2 === 1 ? roll(8) > 0 : k > 0 && roll(8) === 0;
      let sentence;
      if (!byAgent) sentence = k === 0 ? one(OPENING) : one(CUSTOMER);
      else if (roll(5) === 0) sentence = one(FORBIDDEN);
      else if (k === 1) sentence = one(GREETING);
      else if (k >= length - 2) sentence = one(CLOSING);
      else sentence = one(AGENT);
      const text = distinct ? fill(sentence) + own() : fill(sentence);
      texts.push(text);
      messages.push({
        role: byAgent ? 'agent' : 'customer', sender: byAgent ? agent : customer,
        time: new Date(time).toISOString().slice(0, 19).replace('T', ' '), text,
      });
      time += [4000, 9000, 20_000, 40_000, 75_000, 150_000, 260_000][roll(7)];
    }
    left -= length;
    yield { line: JSON.stringify({ id: `c${index}`, timezone: '+00:00', messages }), texts };
  }
}

/** Writes them to a file, one a line; gives how many messages and bytes of text there are. */
export function write(path, count, options) {
  const figures = { messages: 0, conversations: 0, text: 0, bytes: 0 };
  const file = openSync(path, 'w');
  try {
    let part = [];
    const flush = () => {
      const bytes = Buffer.from(part.join(''));
      figures.bytes += bytes.length;
      writeSync(file, bytes);
      part = [];
    };
    for (const { line, texts } of conversations(count, options)) {
      part.push(line, '\n');
      figures.conversations += 1;
      figures.messages += texts.length;
      for (const text of texts) figures.text += Buffer.byteLength(text);
      if (part.length >= 4000) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return figures;
}
