//! Who may give what a rule asks for: `filled-by` and `given-by`.

use crate::transcript::{Role, State};

use super::condition::By;
use super::fields::Fields;
use super::scene::Scene;

/// Who may give something that a rule asks for, besides speaking.
#[derive(Clone, Debug, Default)]
pub struct Givers {
    /// By words.
    pub by: Vec<By>,
    /// The customer, by a picture.
    pub image: bool,
    /// The shop knows it already.
    pub profile: bool,
}

impl Givers {
    /// Reads `filled-by` or `given-by`.
    pub fn read(fields: &Fields<'_, '_>, key: &'static str) -> Self {
        #[derive(Clone, Copy)]
        enum Giver {
            By(By),
            Image,
            Profile,
        }
        let words: Vec<(&str, Giver)> = By::WORDS
            .iter()
            .map(|(word, by)| (*word, Giver::By(*by)))
            .chain([("image", Giver::Image), ("profile", Giver::Profile)])
            .collect();
        let mut givers = Self::default();
        for giver in fields.words(key, &words) {
            match giver {
                Giver::By(by) => givers.by.push(by),
                Giver::Image => givers.image = true,
                Giver::Profile => givers.profile = true,
            }
        }
        givers
    }
}

/// Whether a customer sends a picture or a film.
pub fn is_picture(scene: &Scene<'_>, index: usize) -> bool {
    let message = scene.message(index);
    message.role == Role::Customer
        && message.state == State::Media
        && !["语音", "voice", "audio"]
            .iter()
            .any(|sound| message.text.contains(sound))
}
