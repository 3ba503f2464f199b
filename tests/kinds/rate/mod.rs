use super::{found, inspector, mistakes, talk};
use zhijian::report::{Agent, Review};
use zhijian::rule::Kind;
use zhijian::rule::profile::Profile;
use zhijian::score::{self, Decision, PeriodLimit, Tally};

/// The agents after these conversations; `reject` takes the first finding of the first one back.
fn agents(
    rules: &[&str],
    dialogues: &[(&str, usize)],
    profile: &Profile,
    reject: bool,
) -> Vec<Agent> {
    let inspector = inspector(rules, profile);
    let standard = inspector.standard();
    let mut tally = Tally::default();
    let mut key = 0;
    for (dialogue, times) in dialogues {
        let transcript = talk(dialogue);
        for _ in 0..*times {
            let inspection = inspector.inspect(&transcript);
            let mut scored = score::conversation(
                standard,
                &transcript,
                &inspection,
                &score::Options::default(),
            );
            tally.add(
                key,
                &scored,
                score::evidence(standard, &transcript, &inspection),
            );
            if reject && key == 0 {
                let decision = Decision {
                    finding: 0,
                    review: Review::Rejected,
                };
                score::rescore(standard, &mut scored, &[decision]).expect("it has the finding");
                assert!(tally.review(key, &scored));
            }
            key += 1;
        }
    }
    tally.agents(standard, &|rule| match &rule.kind {
        Kind::Rate(rate) => Some(
            rate.target(profile)
                .map_or(PeriodLimit::Open, PeriodLimit::Share),
        ),
        _ => None,
    })
}

/// `count/required points` of the only finding, or the reason why it is not assessed.
fn verdict(agent: &Agent) -> String {
    match (agent.findings.first(), agent.not_assessed.first()) {
        (Some(finding), _) => {
            let measured = finding.measured.expect("measured");
            assert_eq!((finding.message, finding.span), (None, None));
            format!(
                "{:?}/{:?} {}",
                measured.count.unwrap(),
                measured.required.unwrap(),
                finding.points
            )
        }
        (None, Some(open)) => open.reason.en.clone(),
        (None, None) => "fine".to_owned(),
    }
}

const TIMELY: &str = "[[rules.rate]]\nid = \"rate-timely\"\nmetric = \"each-reply\"\nlimit = \"180s\"\ntarget = 0.9\npoints = 8\n";
const FAST: &str = "客 10:00:00 有货吗\n服 10:03:00 有";
const SLOW: &str = "客 10:00:00 有货吗\n服 10:03:01 有";

#[test]
fn a_missed_share_is_the_agents_and_no_conversations() {
    assert!(found(TIMELY, SLOW).is_empty());
    let missed = agents(
        &[TIMELY],
        &[(FAST, 17), (SLOW, 3)],
        &Profile::default(),
        false,
    );
    assert_eq!(verdict(&missed[0]), "17/18 8");
    assert_eq!(missed[0].findings[0].kind, "rate");
    let kept = agents(
        &[TIMELY],
        &[(FAST, 18), (SLOW, 2)],
        &Profile::default(),
        false,
    );
    assert_eq!(verdict(&kept[0]), "fine");
    let few = agents(&[TIMELY], &[(SLOW, 19)], &Profile::default(), false);
    assert_eq!(
        verdict(&few[0]),
        "only 19 occasions; at least 20 are needed"
    );
    let eager = format!("{TIMELY}min-occasions = 2\n");
    let two = agents(&[&eager], &[(SLOW, 2)], &Profile::default(), false);
    assert_eq!(verdict(&two[0]), "0/2 8");
}

#[test]
fn the_mean_is_lowered_by_the_points() {
    let other = "[[rules.forbid]]\nid = \"forbid-curt\"\nany = [\"不知道\"]\n";
    let rules = [TIMELY, other];
    let agent = &agents(&rules, &[(SLOW, 20)], &Profile::default(), false)[0];
    assert_eq!(agent.score.expect("assessed").mean, 92.0);
}

const COURTESY: &str = r#"[[rules.rate]]
id = "rate-courtesy"
groups = { hello = ["您好"], please = ["请"], sorry = ["抱歉"] }
conditional = [{ group = "sorry", when = { said = "坏了", by = "customer" } }]
target = { profile = "courtesy-target", default = 1 }
min-agent-messages = 2
min-occasions = 1
"#;

#[test]
fn courtesy_is_a_share_of_conversations() {
    let shop = Profile::default();
    let polite = "客 有货吗\n服 您好\n服 请看首页";
    let rude = "客 有货吗\n服 有\n服 请看首页";
    let short = "客 有货吗\n服 有";
    let of =
        |dialogues: &[(&str, usize)]| verdict(&agents(&[COURTESY], dialogues, &shop, false)[0]);
    assert_eq!(of(&[(polite, 2)]), "fine");
    assert_eq!(of(&[(polite, 1), (rude, 1)]), "1/2 5");
    assert_eq!(
        of(&[(short, 3)]),
        "fine",
        "too short to judge is no occasion"
    );
    // The apology is wanted only where there was a fault.
    let unmoved = "客 坏了\n服 您好\n服 请拍照";
    assert_eq!(of(&[(unmoved, 1)]), "0/1 5");
    assert_eq!(of(&[("客 坏了\n服 您好，抱歉\n服 请拍照", 1)]), "fine");
}

#[test]
fn courtesy_may_be_a_share_of_messages() {
    let rule = format!("{COURTESY}unit = \"message\"\n");
    let agent = &agents(
        &[&rule],
        &[("客 有货吗\n服 您好\n服 有\n服 请拍", 1)],
        &Profile::default(),
        false,
    )[0];
    assert_eq!(verdict(agent), "2/3 5");
}

#[test]
fn a_target_may_be_the_shops() {
    let open = COURTESY.replace(", default = 1", "");
    let rude = [("客 有货吗\n服 有\n服 没了", 1)];
    let agent = &agents(&[&open], &rude, &Profile::default(), false)[0];
    assert_eq!(
        verdict(agent),
        "the standard leaves the limit open; the shop's profile must set it"
    );
    let mut shop = Profile::default();
    shop.numbers.insert("courtesy-target".to_owned(), 0.5);
    assert_eq!(verdict(&agents(&[&open], &rude, &shop, false)[0]), "0/1 5");
}

const CURT: &str = "[[rules.forbid]]\nid = \"forbid-curt\"\nany = [\"不知道\"]\n";
const OF: &str =
    "[[rules.rate]]\nid = \"rate-curt\"\nof = \"forbid-curt\"\ntarget = 0.9\nmin-occasions = 2\n";

#[test]
fn a_share_may_be_another_rules_and_follows_its_reviews() {
    let curt = "客 有货吗\n服 不知道";
    let fine = "客 有货吗\n服 有的";
    let missed = agents(
        &[CURT, OF],
        &[(curt, 1), (fine, 1)],
        &Profile::default(),
        false,
    );
    // One pass and one failure of the first conversation, one pass of the second.
    assert_eq!(verdict(&missed[0]), "2/3 5");
    let rejected = agents(
        &[CURT, OF],
        &[(curt, 1), (fine, 1)],
        &Profile::default(),
        true,
    );
    assert_eq!(verdict(&rejected[0]), "fine");
    assert_eq!(
        mistakes(&OF.replace("forbid-curt", "forbid-court")),
        ["rule-unknown"]
    );
}

#[test]
fn a_rate_has_one_form() {
    assert_eq!(
        mistakes(&format!("{TIMELY}of = \"rate-timely\"\n")),
        ["rate-form", "field-unknown"]
    );
    assert_eq!(mistakes(&TIMELY.replace("0.9", "90")), ["number-range"]);
    assert_eq!(
        mistakes(&TIMELY.replace("each-reply", "average-reply")),
        ["rate-average"]
    );
}
