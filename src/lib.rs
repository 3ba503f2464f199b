//! Quality inspection of customer-service conversations.
//!
//! One direction, no way back. [`import`] turns the bytes of an export into [`transcript::Transcript`]s, names what it
//! could not read and counts every row. [`standard`] compiles a TOML file into rules and either reports every mistake
//! at its line and column or gives a [`standard::Standard`] that can judge. [`inspect`] prepares a conversation once
//! (folded texts, phrases, turns, sessions, waits), lets every rule judge it and notes what it saw; it cannot fail:
//! what cannot be judged is *not assessed*, which is neither a pass nor a full score. [`score`] charges each fact once
//! and gives totals, and over many conversations the figures of each agent. [`report`] is the one shape in which all
//! of that leaves the crate, and [`wire`] drives a whole batch, for the command line and for the page alike.
//!
//! ```
//! use zhijian::{import, inspect::Inspector, rule::profile::Profile, score, text::Words, wire};
//!
//! let standard = wire::open_standard("pinduoduo", "pinduoduo", &Words::absent()).expect("built in");
//! let inspector = Inspector::new(standard, Profile::default(), Words::absent());
//!
//! let chats = r#"{"id": "1024", "timezone": "+08:00",
//!     "messages": [{"role": "customer", "time": "2024-05-06 10:00:00", "text": "你好，这款台灯有现货吗？"},
//!         {"role": "agent", "sender": "小禾", "time": "2024-05-06 10:01:38", "text": "有的"}]}"#;
//! let mut reader = import::read("chats.json", chats.into(), &import::Options::default());
//! let transcript = reader.next().expect("one conversation");
//!
//! // `None` would mean: a rule has to tell words apart here, bring the dictionary and ask again.
//! let inspection = inspector.try_inspect(&transcript).expect("no dictionary is needed");
//! let judged = score::conversation(inspector.standard(), &transcript, &inspection, &score::Options::default());
//!
//! let slow = judged.findings.iter().find(|finding| finding.kind == "reply").expect("98 s are more than 60 s");
//! assert_eq!((slow.agent.as_str(), slow.clauses[0].as_str(), slow.points), ("小禾", "PDD-010", 10.0));
//! assert_eq!(slow.why[0].en, "waited 98 s, the limit is 60 s");
//! assert!(judged.scores[0].total.is_some_and(|total| total < 100.0));
//! ```
//!
//! Easy to get wrong: inside the crate a message is an index into [`transcript::Transcript::messages`] and a span
//! counts bytes; in a [`report`] it is the position in the source and a span counts what the caller asked for.

mod civil;
pub mod cleaned;
pub mod diagnostic;
#[cfg(not(target_arch = "wasm32"))]
pub mod explain;
pub mod import;
pub mod inspect;
pub mod metric;
pub mod prove;
pub mod records;
pub mod report;
pub mod rule;
pub mod score;
#[cfg(feature = "sheets")]
pub mod sheets;
mod sorted;
pub mod span;
pub mod standard;
pub mod text;
pub mod transcript;
#[cfg(all(target_arch = "wasm32", not(feature = "sheets")))]
mod wasm;
pub mod wire;
