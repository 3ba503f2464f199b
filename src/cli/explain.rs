//! `zhijian inspect --explain RULE`: why a rule found what it found, conversation by conversation.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use zhijian::explain::{Explanation, rule_named};
use zhijian::import;
use zhijian::inspect::Inspector;
use zhijian::rule::profile::Profile;
use zhijian::sheets::{Member, Opened};
use zhijian::standard::Standard;
use zhijian::text::Words;

use super::files::{self, Content, Input, unreadable};
use super::words::{Lang, clean};
use super::{End, print_diagnostics};

/// How explanations are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For eyes.
    Text,
    /// One JSON object a line.
    Lines,
}

/// Explains one rule in every conversation of the files.
pub fn explain(
    rule: &str,
    (standard, profile): (Standard, Profile),
    (paths, password, options): (&[PathBuf], Option<&str>, &import::Options),
    form: Form,
    lang: Lang,
) -> io::Result<End> {
    let number = match rule_named(&standard, rule) {
        Ok(number) => number,
        Err(faults) => {
            print_diagnostics(&mut io::stderr().lock(), &faults, lang)?;
            return Ok(End::Unusable);
        }
    };
    // Where word boundaries decide, an explanation without the dictionary would be wrong.
    let inspector = Inspector::new(standard, profile, Words::bundled());
    let (inputs, mut diagnostics) = files::expand(paths);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut conversations = 0_usize;
    for input in &inputs {
        let members = match input
            .open(password)
            .and_then(|content| whole(input, content))
        {
            Ok(opened) => opened,
            Err(error) => {
                diagnostics.push(unreadable(&input.name, &error));
                continue;
            }
        };
        diagnostics.extend(members.diagnostics);
        for member in members.members {
            let options = import::Options {
                rows: Some(member.rows.into()),
                ..options.clone()
            };
            let mut reader = import::read(&member.name, member.bytes, &options);
            for transcript in reader.by_ref() {
                conversations += 1;
                let explanation = inspector.explain(&transcript, number);
                match form {
                    Form::Text => write_text(&mut out, &explanation, lang)?,
                    Form::Lines => {
                        serde_json::to_writer(&mut out, &explanation)?;
                        writeln!(out)?;
                    }
                }
            }
            diagnostics.extend_from_slice(reader.diagnostics());
        }
    }
    out.flush()?;
    drop(out);
    print_diagnostics(&mut io::stderr().lock(), &diagnostics, lang)?;
    if conversations == 0 {
        let nothing = lang.pick("没有可读的会话", "nothing could be read");
        writeln!(io::stderr().lock(), "{nothing}")?;
        return Ok(End::Unusable);
    }
    Ok(End::Done)
}

/// What is in a file; a text is its own only member.
fn whole(input: &Input, content: Content) -> io::Result<Opened> {
    match content {
        Content::Members(opened) => Ok(opened),
        Content::Text(mut source) => {
            let mut member = Member {
                name: input.name.clone(),
                ..Member::default()
            };
            source.read_to_end(&mut member.bytes)?;
            Ok(Opened {
                members: vec![member],
                diagnostics: Vec::new(),
            })
        }
    }
}

fn write_text(out: &mut dyn Write, explanation: &Explanation, lang: Lang) -> io::Result<()> {
    writeln!(
        out,
        "{} · {} · {}  {}",
        clean(&explanation.file),
        clean(&explanation.conversation),
        explanation.rule,
        clean(&lang.of(&explanation.title))
    )?;
    for line in explanation.lines() {
        writeln!(out, "  {}", clean(&lang.of(&line)))?;
    }
    Ok(())
}
