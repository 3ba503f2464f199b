//! What a person knows better about one file, as callers state it: JSON, taken apart by hand, because
//! what is downloaded has to be small.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::import::{self, formats};
use crate::transcript::{Role, Zone};

/// Encodings that can be asked for.
static ENCODINGS: [&Encoding; 6] = [UTF_8, GB18030, GBK, BIG5, UTF_16LE, UTF_16BE];

/// Corrections of one file; what is absent is guessed, as ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// The encoding, by its WHATWG name.
    pub encoding: Option<String>,
    /// The id of the format.
    pub format: Option<String>,
    /// What columns or keys hold: the name as the file writes it, and what it holds; empty: of no use.
    pub columns: Vec<(String, String)>,
    /// The roles of senders, by name as the file writes it.
    pub roles: Vec<(String, Role)>,
    /// The day of a file that gives times of day only: `2024-05-06`.
    pub date: Option<String>,
    /// Whether `1/2` is the first of February.
    pub day_first: Option<bool>,
    /// The time zone of conversations that state none.
    pub zone: Option<String>,
    /// Where rows of a sheet have other numbers than lines of its text: pairs for [`import::row_of`].
    pub rows: Vec<u32>,
}

impl Corrections {
    /// From a JSON object with the names of these fields.
    ///
    /// # Errors
    /// When it has other fields, or other things in these.
    pub fn from_json(json: &str) -> Result<Self, Vec<Diagnostic>> {
        let wrong = |field: &str| unknown(field, json);
        let value: Value = serde_json::from_str(json).map_err(|_| wrong("corrections"))?;
        let mut corrections = Self::default();
        for (key, value) in value.as_object().ok_or_else(|| wrong("corrections"))? {
            let text = || value.as_str().map(str::to_owned);
            let done = match key.as_str() {
                "encoding" => text().map(|text| corrections.encoding = Some(text)),
                "format" => text().map(|text| corrections.format = Some(text)),
                "date" => text().map(|text| corrections.date = Some(text)),
                "zone" => text().map(|text| corrections.zone = Some(text)),
                "day_first" => value.as_bool().map(|day| corrections.day_first = Some(day)),
                "rows" => numbers(value).map(|rows| corrections.rows = rows),
                "columns" => pairs(value).map(|pairs| corrections.columns = pairs),
                "roles" => pairs(value).and_then(|pairs| {
                    let roles = pairs
                        .into_iter()
                        .map(|(name, role)| Some((name, role_of(&role)?)));
                    corrections.roles = roles.collect::<Option<_>>()?;
                    Some(())
                }),
                _ => None,
            };
            done.ok_or_else(|| wrong(key))?;
        }
        Ok(corrections)
    }

    /// On top of what holds for the whole batch.
    ///
    /// # Errors
    /// When there is no such encoding, format or zone.
    pub fn over(self, options: &import::Options) -> Result<import::Options, Vec<Diagnostic>> {
        let mut options = options.clone();
        if let Some(name) = self.encoding {
            let known = ENCODINGS.iter();
            let mut known = known.filter(|encoding| encoding.name().eq_ignore_ascii_case(&name));
            options.encoding = Some(known.next().ok_or_else(|| unknown("encoding", &name))?);
        }
        if let Some(id) = self.format {
            let known = formats().iter().find(|format| format.id == id);
            options.format = Some(known.ok_or_else(|| unknown("format", &id))?.id);
        }
        if let Some(name) = self.zone {
            options.zone = Some(Zone::named(&name).ok_or_else(|| unknown("zone", &name))?);
        }
        if !self.rows.is_empty() {
            options.rows = Some(self.rows.into());
        }
        options.columns.extend(self.columns);
        options.roles.extend(self.roles);
        if let Some(date) = &self.date
            && !import::is_date(date)
        {
            return Err(unknown("date", date));
        }
        options.date = self.date.or(options.date);
        options.day_first = self.day_first.or(options.day_first);
        Ok(options)
    }
}

fn numbers(value: &Value) -> Option<Vec<u32>> {
    let number = |number: &Value| u32::try_from(number.as_u64()?).ok();
    value.as_array()?.iter().map(number).collect()
}

fn pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [name, held] => Some((name.as_str()?.to_owned(), held.as_str()?.to_owned())),
        _ => None,
    };
    value.as_array()?.iter().map(pair).collect()
}

fn role_of(word: &str) -> Option<Role> {
    Some(match word {
        "customer" => Role::Customer,
        "agent" => Role::Agent,
        "bot" => Role::Bot,
        "system" => Role::System,
        "supervisor" => Role::Supervisor,
        _ => return None,
    })
}

fn unknown(field: &str, value: &str) -> Vec<Diagnostic> {
    let fault = Diagnostic::error(
        "correction-unknown",
        format!("没有这个选项：{value}"),
        format!("there is no such choice: {value}"),
    );
    vec![fault.field(field)]
}

#[cfg(test)]
mod tests {
    use super::Corrections;
    use crate::import;
    use crate::transcript::Role;

    #[test]
    fn what_is_absent_stays_and_what_is_unknown_is_told() {
        let json =
            r#"{"encoding":"big5","format":"csv","roles":[["小迪","agent"]],"zone":"+09:00"}"#;
        let wanted = Corrections::from_json(json).expect("corrections");
        let base = import::Options {
            date: Some("2024-05-06".to_owned()),
            ..import::Options::default()
        };
        let options = wanted.over(&base).expect("known");
        assert_eq!(options.encoding.map(|one| one.name()), Some("Big5"));
        assert_eq!(options.format, Some("csv"));
        assert_eq!(options.roles, [("小迪".to_owned(), Role::Agent)]);
        assert_eq!(options.zone.map(|zone| zone.offset), Some(9 * 3600));
        assert_eq!(options.date.as_deref(), Some("2024-05-06"));
        for (field, json) in [
            ("format", r#"{"format":"docx"}"#),
            ("encoding", r#"{"encoding":"latin"}"#),
            ("zone", r#"{"zone":"nowhere"}"#),
            ("date", r#"{"date":"2024-02-30"}"#),
        ] {
            let wrong = Corrections::from_json(json).expect("corrections");
            let told = wrong.over(&base).expect_err("unknown");
            assert_eq!(told[0].code, "correction-unknown");
            assert_eq!(told[0].field.as_deref(), Some(field));
        }
        for (field, json) in [
            ("colour", r#"{"colour":1}"#),
            ("roles", r#"{"roles":[["小迪","boss"]]}"#),
            ("columns", r#"{"columns":[["内容"]]}"#),
            ("corrections", "[]"),
        ] {
            let told = Corrections::from_json(json).expect_err("wrong");
            assert_eq!(told[0].field.as_deref(), Some(field), "{json}");
        }
    }
}
