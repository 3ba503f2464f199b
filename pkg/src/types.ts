/**
 * The shapes of the report, as the Rust types state them. Absent values are omitted, never null;
 * words for people come in Chinese and in English.
 */

export interface Bilingual {
  zh: string;
  en: string;
}

export type Level = 'error' | 'warning' | 'info';

export interface Diagnostic {
  code: string;
  severity: Level;
  file?: string;
  line?: number;
  column?: number;
  field?: string;
  message: Bilingual;
}

export interface Range {
  start: number;
  end: number;
}

export type Severity = 'hint' | 'minor' | 'major' | 'critical';

export type Review = 'pending' | 'confirmed' | 'rejected';

export interface Measured {
  seconds?: number;
  limit?: number;
  from_first?: number;
  from_last?: number;
  count?: number;
  required?: number;
}

export interface Also {
  rule: string;
  clauses: string[];
  severity: Severity;
}

export interface Finding {
  rule: string;
  clauses: string[];
  kind: string;
  severity: Severity;
  dimension: string;
  agent: string;
  message?: number;
  related: number[];
  span?: Range;
  quote?: string;
  points: number;
  review?: Review;
  measured?: Measured;
  why: Bilingual[];
  also: Also[];
  advice?: Bilingual;
}

export interface Observation {
  kind: string;
  message: number;
  related?: number[];
  span?: Range;
  agent?: string;
  label?: string;
  measured?: Measured;
}

export interface NotAssessed {
  rule: string;
  dimension: string;
  agent?: string;
  reason: Bilingual;
}

export type State = 'assessed' | 'not-applicable' | 'not-assessed';

export interface DimensionScore {
  id: string;
  weight: number;
  deducted: number;
  state: State;
}

export interface Score {
  agent: string;
  total?: number;
  total_if_confirmed?: number;
  coverage: number;
  band?: string;
  dimensions: DimensionScore[];
}

export interface Conversation {
  id: string;
  file: string;
  messages: number;
  agents: string[];
  findings: Finding[];
  observations: Observation[];
  not_assessed: NotAssessed[];
  scores: Score[];
}

export interface MeanScore {
  mean: number;
  low?: number;
  high?: number;
}

export interface Metric {
  value?: number;
  count: number;
}

export interface Agent {
  agent: string;
  conversations: number;
  assessed: number;
  score?: MeanScore;
  score_if_confirmed?: number;
  band?: string;
  critical: number;
  critical_share: number;
  metrics: Record<string, Metric>;
  by_rule: Record<string, number>;
  findings: Finding[];
  not_assessed: NotAssessed[];
}

export interface Excluded {
  reason: string;
  count: number;
}

export interface Accounting {
  files: number;
  rows: number;
  messages: number;
  conversations: number;
  excluded: Excluded[];
}

export interface Dimension {
  id: string;
  title: Bilingual;
  weight: number;
}

export interface Band {
  id: string;
  title: Bilingual;
  from: number;
}

export interface StandardHead {
  id: string;
  version: string;
  sha256: string;
  dimensions: Dimension[];
  bands: Band[];
}

export interface Report {
  schema: string;
  engine: string;
  offsets: string;
  standard: StandardHead;
  accounting: Accounting;
  conversations: Conversation[];
  agents: Agent[];
  diagnostics: Diagnostic[];
}
