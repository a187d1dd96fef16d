//! Beams, language models, hotwords and alternatives, as clients ask for them.

use crate::harness::{Server, WORDS, assert_close, beckett, server, words};
use serde_json::Value;

/// A language model that has read nothing but Beckett.
const ARPA: &str = "\\data\\
ngram 1=9
ngram 2=2

\\1-grams:
-4.0\t<unk>
-99\t<s>\t0.0
-1.0\t</s>
-1.0\tever\t0.0
-1.0\ttried\t0.0
-1.0\tfailed\t0.0
-1.0\tagain\t0.0
-1.0\tfail\t0.0
-1.0\tbetter\t0.0

\\2-grams:
-0.1\tever tried
-0.1\tfail better

\\end\\
";

fn transcript(fields: &[&str]) -> Value {
    server().transcribe(beckett(), fields).ok()
}

fn works(body: &Value) {
    assert_close(&words(body["transcript"].as_str().unwrap()), WORDS, 0.2);
}

#[test]
fn the_decoder_says_what_ran() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("en.arpa"), ARPA).unwrap();
    let own = Server::start(|config| config.lm_dir = Some(dir.path().to_owned()));
    for (fields, ran) in [
        (&["lm_mode=greedy"][..], "greedy"),
        (&["beam_width=1", "use_lm=true"], "greedy"),
        (&["use_lm=false"], "beam_search"),
        (&["lm_mode=greedy", "beam_width=3"], "beam_search"),
        (&["use_lm=true", "lm_mode=strict"], "beam_search_kenlm"),
        (&["beam_width=100"], "beam_search_kenlm"),
    ] {
        let body = own.transcribe(beckett(), fields).ok();
        assert_eq!(body["decoder"], ran, "{fields:?}");
        works(&body);
    }
    let languages = own.get("/languages").ok();
    let english = &languages["languages"][0];
    assert_eq!(
        (
            &english["kenlm"],
            &english["language_model"]["name"],
            &english["language_model"]["order"]
        ),
        (&true.into(), &"en.arpa".into(), &2.into())
    );
    let models = own.get("/models").ok();
    assert_eq!(
        models["models"][0]["language_models"][0]["source"],
        "LM_DIR"
    );
}

#[test]
fn alternatives_come_best_first_and_the_answer_is_the_first() {
    let body = transcript(&["n_best=4", "word_timestamps=true"]);
    works(&body);
    let whole = body["alternatives"].as_array().unwrap();
    assert!((1..=4).contains(&whole.len()), "{whole:?}");
    assert_eq!(whole[0]["transcript"], body["transcript"]);
    for segment in body["segments"].as_array().unwrap() {
        let all = segment["alternatives"].as_array().unwrap();
        assert_eq!(all[0]["text"], segment["text"]);
        assert_eq!(all[0]["words"], segment["words"]);
        let sure: Vec<f64> = all
            .iter()
            .map(|it| it["confidence"].as_f64().unwrap())
            .collect();
        assert!(sure.is_sorted_by(|a, b| a >= b), "{sure:?}");
    }
    let plain = transcript(&[]);
    assert!(plain.get("alternatives").is_none());
    assert!(plain["segments"][0].get("alternatives").is_none());
}

#[test]
fn hotwords_are_written_as_the_client_writes_them() {
    let body = transcript(&["hotwords=FAILED,no-matter", "hotwords=Samuel Beckett"]);
    works(&body);
    let text = body["transcript"].as_str().unwrap();
    assert!(text.contains("FAILED"), "{text}");
    assert!(body["warnings"].as_array().unwrap().is_empty(), "{body}");
}

#[test]
fn a_bad_wish_is_refused_by_name_and_the_server_stays_well() {
    let list = (0..10_000).map(|i| format!("w{i}")).collect::<Vec<_>>();
    let list = format!("hotwords={}", list.join(","));
    for (field, param) in [
        ("beam_width=0", "beam_width"),
        ("beam_width=100000", "beam_width"),
        ("n_best=17", "n_best"),
        ("lm_alpha=NaN", "lm_alpha"),
        ("lm_alpha=-0.5", "lm_alpha"),
        ("lm_beta=inf", "lm_beta"),
        ("lm_mode=wild", "lm_mode"),
        ("hotwords=🙂", "hotwords"),
        ("hotword_weight=1e9", "hotword_weight"),
        (list.as_str(), "hotwords"),
    ] {
        server()
            .transcribe(beckett(), &[field])
            .error(422, "invalid_parameter", Some(param));
    }
    let many = (0..1000)
        .map(|i| format!("Word{i} of {i}"))
        .collect::<Vec<_>>();
    works(&transcript(&[&format!("hotwords={}", many.join(","))]));
    works(&transcript(&["hotwords=,, ,"]));
}
