/** Numbers, times and lengths of time as the page writes them. Absent (undefined, NaN) is a dash. */
import { i18n, t } from './i18n.svelte';

export const DASH = '—';

export function count(value: number): string {
  return number().format(value);
}

/** Scores and points: at most one decimal. */
export function score(value: number | undefined): string {
  if (absent(value)) return DASH;
  return number(1).format(value);
}

export function percent(value: number | undefined): string {
  if (absent(value)) return DASH;
  return number(1, 'percent').format(value);
}

/** `27 秒`, `1 分 38 秒`, `2 小时 5 分`. */
export function duration(seconds: number | undefined): string {
  if (absent(seconds)) return DASH;
  const whole = seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
  if (whole < 60) return t('duration.s', { s: whole });
  const minutes = Math.floor(whole / 60);
  const rest = Math.round(whole % 60);
  if (minutes < 60) return rest === 0 ? t('duration.m', { m: minutes }) : t('duration.ms', { m: minutes, s: rest });
  const hours = Math.floor(minutes / 60);
  return t('duration.hm', { h: count(hours), m: minutes % 60 });
}

/** `YYYY-MM-DD HH:mm:ss` of an RFC 3339 time, in the zone it was written in. */
export function stamp(time: string | undefined): string {
  if (time === undefined) return DASH;
  return `${day(time)} ${clock(time)}`;
}

export function day(time: string): string {
  return time.slice(0, 10);
}

export function clock(time: string): string {
  return time.slice(11, 19);
}

export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  let size = value;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${number(size < 10 && unit > 0 ? 1 : 0).format(size)} ${units[unit]}`;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making one takes longer than using it a hundred times. */
function number(digits = 3, style: 'decimal' | 'percent' = 'decimal'): Intl.NumberFormat {
  const key = `${tag()} ${style} ${digits}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(tag(), { style, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  return format;
}

function tag(): string {
  return i18n.locale === 'en' ? 'en-GB' : i18n.locale === 'zh-Hant' ? 'zh-TW' : 'zh-CN';
}

function absent(value: number | undefined): value is undefined {
  return value === undefined || Number.isNaN(value);
}
