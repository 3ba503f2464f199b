//! What other messages say of who somebody is: the same sender's where a role is stated, and the
//! conversations of a file together.
//!
//! The thing to get right: only what is stated carries over, first within the conversation. Whoever
//! talks with several people is of the shop only if who speaks first would make both of them; a customer
//! who comes back to another agent asks every time.

use std::collections::BTreeMap;

use super::{Draft, Entry, shorten};
use crate::diagnostic::Diagnostic;
use crate::import::ledger::Ledger;
use crate::transcript::Role;

/// Whether a role is one of the two sides that talk.
pub(super) fn is_side(role: Role) -> bool {
    !matches!(role, Role::System | Role::Bot)
}

/// What is stated about one sender.
#[derive(Clone, Copy, Default)]
struct Said {
    role: Option<Role>,
    /// Whether it is stated to be both sides.
    both: bool,
}

impl Said {
    fn note(&mut self, role: Role) {
        match self.role {
            None => self.role = Some(role),
            Some(known) if known == role => {}
            // Several of the shop: the one whose words count.
            Some(known) if known != Role::Customer && role != Role::Customer => {
                self.role = Some(Role::Agent);
            }
            Some(_) => self.both = true,
        }
    }
}

/// A sender, in all conversations.
#[derive(Default)]
struct Person {
    said: Said,
    partner: Option<usize>,
    /// Whether there is more than one partner.
    several: bool,
    opens: bool,
    answers: bool,
}

/// The senders of a file, where some of its messages do not say who speaks.
#[derive(Default)]
pub(crate) struct Cast {
    names: BTreeMap<String, usize>,
    people: Vec<Person>,
}

impl Cast {
    /// Looks at conversations, if one of them leaves a role open.
    pub(super) fn learn<'d>(&mut self, drafts: impl Iterator<Item = &'d Draft> + Clone) {
        if !drafts.clone().any(|draft| draft.loose) {
            return;
        }
        for draft in drafts {
            let people: Vec<usize> = draft.senders.iter().map(|name| self.person(name)).collect();
            for (said, &person) in draft.said().into_iter().zip(&people) {
                if let Some(role) = said.role {
                    self.people[person].said.note(role);
                    self.people[person].said.both |= said.both;
                }
            }
            if draft
                .entries
                .iter()
                .any(|entry| entry.role.is_some_and(is_side))
            {
                continue;
            }
            let open = draft.open_senders();
            for (place, &one) in open.iter().enumerate() {
                let person = &mut self.people[people[one]];
                person.opens |= place == 0;
                person.answers |= place > 0;
                for other in open.iter().filter(|&&other| other != one) {
                    let other = people[*other];
                    person.several |= *person.partner.get_or_insert(other) != other;
                    if person.several {
                        break;
                    }
                }
            }
        }
    }

    fn person(&mut self, name: &str) -> usize {
        if let Some(&person) = self.names.get(name) {
            return person;
        }
        self.people.push(Person::default());
        self.names.insert(name.to_owned(), self.people.len() - 1);
        self.people.len() - 1
    }

    fn of(&self, name: &str) -> Option<&Person> {
        Some(&self.people[*self.names.get(name)?])
    }

    /// Whether any role is stated.
    pub(super) fn states(&self) -> bool {
        self.people
            .iter()
            .any(|it| it.said.role.is_some_and(is_side))
    }
}

impl Draft {
    /// What is stated about each sender.
    fn said(&self) -> Vec<Said> {
        let mut said = vec![Said::default(); self.senders.len()];
        for entry in &self.entries {
            if let (Some(sender), Some(role)) = (entry.sender, entry.role)
                && entry.stated
                && !entry.automatic
            {
                said[sender].note(role);
            }
        }
        said
    }

    /// Those of whom nothing says who they are, in the order in which they speak.
    fn open_senders(&self) -> Vec<usize> {
        let mut open = Vec::new();
        let mut seen = vec![false; self.senders.len()];
        for sender in self.entries.iter().filter(|it| it.role.is_none()) {
            if let Some(sender) = sender.sender
                && !std::mem::replace(&mut seen[sender], true)
            {
                open.push(sender);
            }
        }
        open
    }

    /// Gives roles to messages that have none, by what others say of their senders.
    pub(super) fn carry_roles(&mut self, ledger: &mut Ledger) {
        if !self.loose {
            return;
        }
        let said = self.said();
        let by_others = |sender: usize| {
            let said = match said[sender] {
                Said { role: None, .. } => ledger.cast.of(&self.senders[sender])?.said,
                own => own,
            };
            said.role.filter(|_| !said.both)
        };
        let known: Vec<Option<Role>> = (0..self.senders.len()).map(by_others).collect();
        let mut line = None;
        for entry in &mut self.entries {
            if entry.role.is_none()
                && let Some(role) = entry.sender.and_then(|sender| known[sender])
            {
                let answers = role == Role::Agent && entry.automatic;
                entry.role = Some(if answers { Role::Bot } else { role });
                line.get_or_insert(entry.line);
            }
        }
        if let Some(line) = line {
            tell(
                ledger,
                line,
                "有的消息没有写角色，已按同一发送者其余消息写明的角色处理；请核对。",
                "Some messages state no role; what others state of the same sender was taken. Please check.",
            );
        }
        if self
            .entries
            .iter()
            .any(|entry| entry.role.is_some_and(is_side))
        {
            return;
        }
        let open = self.open_senders();
        let is_shop = |&sender: &usize| {
            let person = ledger.cast.of(&self.senders[sender]);
            person.is_some_and(|it| it.several && it.opens && it.answers)
        };
        let shop: Vec<usize> = open.iter().copied().filter(is_shop).collect();
        let Some(&first) = shop.first().filter(|_| shop.len() < open.len()) else {
            return;
        };
        let open = |entry: &&mut Entry| entry.role.is_none();
        for entry in self.entries.iter_mut().filter(open) {
            entry.role = entry.sender.map(|sender| {
                if shop.contains(&sender) {
                    Role::Agent
                } else {
                    Role::Customer
                }
            });
        }
        let shown = shorten(&self.senders[first]);
        tell(
            ledger,
            self.line,
            &format!(
                "文件没有角色；“{shown}”在多个会话里与不同的人对话，当作客服，对方当作客户；请核对并更正。"
            ),
            &format!(
                "The file states no roles; “{shown}” talks with different people in several conversations and was taken for an agent, the others for customers. Please check and correct."
            ),
        );
    }

    /// Tells when names make agents of everybody.
    pub(super) fn tell_one_sided(&self, ledger: &mut Ledger) {
        let mut first = None;
        for entry in &self.entries {
            match entry.role {
                Some(Role::Customer) => return,
                Some(role) if role.is_staff() && !entry.stated => {
                    first = first.or(entry.sender.map(|sender| (sender, entry.line)));
                }
                _ => {}
            }
        }
        let other = |entry: &Entry| {
            entry.sender != first.map(|it| it.0)
                && entry.role.is_some_and(Role::is_staff)
                && !entry.stated
        };
        if let Some((_, line)) = first
            && self.entries.iter().any(other)
        {
            tell(
                ledger,
                line,
                "文件没有角色，按名称看各方都是客服，没有客户；请核对并更正角色。",
                "The file states no roles, and by their names everybody is an agent and nobody a customer. Please check and correct the roles.",
            );
        }
    }
}

fn tell(ledger: &mut Ledger, line: u32, zh: &str, en: &str) {
    ledger.report_once(Diagnostic::info("role-inferred", zh, en).line(line));
}
