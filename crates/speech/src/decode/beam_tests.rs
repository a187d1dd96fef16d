//! What a step of the search keeps, drops and ends.

use super::*;
use crate::decode::fusion::NATS_PER_LETTER;
use crate::decode::hotwords::Hotwords;
use crate::vocabulary::Spelling;
use std::sync::Arc;

static RULES: Rules = Rules {
    end: 0,
    suppressed: Vec::new(),
    not_first: Vec::new(),
    special_from: 100,
};

fn search<'a>(vocabulary: &'a Vocabulary, fusion: Option<&'a Fusion>) -> Search<'a> {
    Search {
        rules: &RULES,
        limit: 20,
        width: 2,
        wanted: 1,
        fusion,
        vocabulary,
        said: &[],
    }
}

fn open(tokens: &[u32], sum: f32) -> Open {
    Open {
        path: Path {
            tokens: tokens.to_vec(),
            logprobs: vec![sum / tokens.len() as f32; tokens.len()],
            ..Path::default()
        },
        sum,
        ..Open::default()
    }
}

fn candidate(parent: usize, token: u32, logprob: f32, score: f32) -> Candidate {
    Candidate {
        parent,
        token,
        logprob,
        score,
        advance: 0.0,
        gain: 0.0,
        fused: None,
    }
}

#[test]
fn an_end_finishes_a_beam_without_taking_a_place() {
    let vocabulary = Vocabulary::of(&[], Spelling::Metaspace);
    let mut live = vec![open(&[5], -0.1), open(&[5], -0.1)];
    let mut finished = Vec::new();
    let candidates = vec![
        candidate(1, 0, -0.1, -0.2),
        candidate(1, 7, -0.3, -0.4),
        candidate(0, 8, -0.5, -0.6),
        candidate(0, 9, -1.0, -1.1),
    ];
    let parents = search(&vocabulary, None).advance(&mut live, &mut finished, candidates);
    assert_eq!(parents, [1, 0]);
    assert_eq!(finished.len(), 1);
    assert_eq!(live[0].path.tokens, [5, 7]);
}

#[test]
fn what_falls_far_behind_is_dropped() {
    let vocabulary = Vocabulary::of(&[], Spelling::Metaspace);
    let mut live = vec![open(&[5], -0.1)];
    let candidates = vec![
        candidate(0, 7, -0.1, -0.2),
        candidate(0, 8, -9.0, -9.1),
        candidate(0, 0, -9.0, -9.2),
    ];
    let mut finished = Vec::new();
    search(&vocabulary, None).advance(&mut live, &mut finished, candidates);
    assert_eq!((live.len(), finished.len()), (1, 0));
}

#[test]
fn a_hotword_promised_drives_nothing_out() {
    let vocabulary = Vocabulary::of(&[], Spelling::Metaspace);
    let mut live = vec![open(&[5], -0.1)];
    let promised = Candidate {
        advance: 6.0,
        ..candidate(0, 8, -2.0, 4.0)
    };
    let candidates = vec![promised, candidate(0, 7, -1.5, -1.6)];
    search(&vocabulary, None).advance(&mut live, &mut Vec::new(), candidates);
    assert_eq!(live.len(), 2);
}

#[test]
fn long_hypotheses_are_not_punished_for_their_length() {
    let vocabulary = Vocabulary::of(&[], Spelling::Metaspace);
    let path = |length: usize, logprob: f32| Path {
        tokens: vec![1; length],
        logprobs: vec![logprob; length],
        end_logprob: Some(logprob),
        ..Path::default()
    };
    let best = search(&vocabulary, None).best(vec![path(1, -0.9), path(5, -0.5)], Vec::new());
    assert_eq!(best, [path(5, -0.5), path(1, -0.9)]);
}

#[test]
fn the_tokens_of_a_hotword_are_tried_however_unlikely() {
    let pieces = ["</s>", "▁call", "▁the", "▁a", "▁Go", "B", "o"];
    let vocabulary = Vocabulary::of(&pieces, Spelling::Metaspace);
    let hotwords = Hotwords::new(&["GoBo".into()]).expect("a good word");
    let fusion = Fusion {
        hotwords: Some(Arc::new(hotwords)),
        ..Fusion::default()
    };
    let search = search(&vocabulary, Some(&fusion));
    let mut row = [0.0, 9.0, 8.0, 7.0, 1.0, 0.0, 0.0];
    let (mut tokens, mut candidates) = (HashMap::new(), Vec::new());
    search.continue_with(0, &search.begin(), &mut row, &mut tokens, &mut candidates);
    let go = candidates.iter().find(|it| it.token == 4).expect("tried");
    let letters = 2.0 * fusion.hotword_weight * NATS_PER_LETTER;
    assert_eq!((go.gain, go.advance), (letters, letters));
    assert_eq!(candidates.len(), 4);
}
