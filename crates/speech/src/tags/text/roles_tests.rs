//! Roles out of made-up evidence.

use super::*;

fn says(agent: f32, customer: f32) -> Distribution {
    let labels = ["ROLE_AGENT", "ROLE_CUSTOMER", "ROLE_OTHER"].map(str::to_owned);
    let other = 1.0 - agent - customer;
    Distribution::new(labels.into(), vec![agent, customer, other], 0.5)
}

fn labels(found: &[Option<Role>]) -> Vec<&str> {
    let known = found.iter().flatten();
    known.map(|role| role.label.as_str()).collect()
}

#[test]
fn many_weak_sentences_outvote_one_strong_one() {
    let mut sentences = vec![says(0.9, 0.05)];
    sentences.extend(vec![says(0.2, 0.6); 10]);
    let found = roles(&[&sentences]);
    assert_eq!(labels(&found), ["ROLE_CUSTOMER"]);
}

#[test]
fn a_speaker_who_says_nothing_telling_is_what_the_other_is_not() {
    let (agent, unclear) = (vec![says(0.8, 0.1); 5], vec![says(0.36, 0.34); 2]);
    let found = roles(&[&agent, &unclear]);
    assert_eq!(labels(&found), ["ROLE_AGENT", "ROLE_CUSTOMER"]);
}

#[test]
fn two_agents_are_believed_when_both_clearly_are() {
    let agent = vec![says(0.9, 0.05); 12];
    let found = roles(&[&agent, &agent]);
    assert_eq!(labels(&found), ["ROLE_AGENT", "ROLE_AGENT"]);
}

#[test]
fn a_third_speaker_may_have_a_role_that_is_taken() {
    let (agent, customer) = (vec![says(0.8, 0.1); 9], vec![says(0.1, 0.8); 9]);
    let supervisor = vec![says(0.7, 0.2); 3];
    let found = roles(&[&agent, &customer, &supervisor]);
    assert_eq!(
        labels(&found),
        ["ROLE_AGENT", "ROLE_CUSTOMER", "ROLE_AGENT"]
    );
}

#[test]
fn somebody_silent_has_no_role() {
    let agent = vec![says(0.8, 0.1); 3];
    let found = roles(&[&agent, &[]]);
    assert_eq!(found[1], None);
    assert_eq!(roles(&[]), []);
}

#[test]
fn confidence_grows_with_what_is_said() {
    let mut evidence = RoleEvidence::default();
    let mut last = 0.0;
    for _ in 0..5 {
        evidence.add(7, &says(0.6, 0.3));
        let role = &evidence.roles()[&7];
        assert!(role.confidence > last, "{role:?}");
        last = role.confidence;
    }
    assert!(evidence.roles()[&7].is_sure());
}

#[test]
fn a_long_call_stays_a_probability() {
    let mut evidence = RoleEvidence::default();
    for _ in 0..100_000 {
        evidence.add(0, &says(0.99, 0.005));
        evidence.add(1, &says(0.99, 0.005));
    }
    for role in evidence.roles().values() {
        assert!((0.0..=1.0).contains(&role.confidence), "{role:?}");
    }
}

#[test]
fn distributions_of_another_head_are_ignored() {
    let mut evidence = RoleEvidence::default();
    evidence.add(0, &says(0.8, 0.1));
    let moods = ["CALM", "GLAD"].map(str::to_owned);
    evidence.add(0, &Distribution::new(moods.into(), vec![0.5, 0.5], 0.4));
    assert_eq!(evidence.roles()[&0].label, "ROLE_AGENT");
}
