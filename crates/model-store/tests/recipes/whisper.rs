//! Whisper tiny, rewritten, against the shipped export.
//!
//! Tiny stands for all sizes: they differ in numbers, not in structure.

use model_store::recipes::linear::Precision;
use model_store::recipes::weights::Weights;
use model_store::recipes::whisper::{Precisions, Settings, decoder, encoder, from_optimum};

use crate::support::{Graph, Value, Values, distance, relative_error, sources};

const ENCODER: &str = "encoder_model_quantized.onnx";
const DECODER: &str = "decoder_model_merged_quantized.onnx";
const HEADS: usize = 6;
const LAYERS: usize = 4;
const PROMPT: [i64; 7] = [50258, 50259, 50359, 50363, 440, 2313, 293];

const FLOAT: Precisions = Precisions {
    front: Precision::Float,
    encoder_attention: Precision::Float,
    encoder_out: Precision::Float,
    encoder_widen: Precision::Float,
    encoder_narrow: Precision::Float,
    cross: Precision::Float,
    decoder: Precision::Float,
    fused_attention: false,
};

fn source() -> (Weights, Settings) {
    let names = [ENCODER, DECODER, "config.json", "generation_config.json"];
    let folder = sources("whisper-", &names);
    let weights = from_optimum(folder.path()).expect("as expected");
    (weights, Settings::read(folder.path()).expect("as expected"))
}

/// Smooth pseudo-features with silence at the end, [1, 80, frames].
fn features(frames: usize) -> Values {
    let value = |n: usize| {
        let (band, frame) = ((n / frames) as f32, (n % frames) as f32);
        let loud = (0.03 * frame + 0.2 * band).sin() + 0.5 * (0.11 * frame - 0.05 * band).sin();
        if frame > 0.6 * frames as f32 {
            -0.6
        } else {
            0.5 * loud
        }
    };
    let data = (0..80 * frames).map(value).collect();
    let value = Value::Float(vec![1, 80, frames], data);
    Values::from([("input_features".to_owned(), value)])
}

fn with_tokens(mut inputs: Values, tokens: &[i64]) -> Values {
    inputs.insert("input_ids".to_owned(), Value::tokens(tokens));
    inputs
}

fn empty_past(mut inputs: Values) -> Values {
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            inputs.insert(format!("past.{layer}.{what}"), Value::empty(HEADS, 64));
        }
    }
    inputs
}

/// The same inputs with what a step left as past.
fn continued(mut inputs: Values, outputs: &Values) -> Values {
    for (name, value) in outputs {
        if let Some(rest) = name.strip_prefix("present.") {
            inputs.insert(format!("past.{rest}"), value.clone());
        }
    }
    inputs
}

/// The shipped decoder's answer for tokens, without or after a past.
fn shipped_step(
    graph: &mut Graph,
    hidden: &Value,
    tokens: &[i64],
    past: Option<&Values>,
) -> Values {
    let mut inputs = Values::from([
        ("input_ids".to_owned(), Value::tokens(tokens)),
        ("encoder_hidden_states".to_owned(), hidden.clone()),
        ("use_cache_branch".to_owned(), Value::Bool(past.is_some())),
    ]);
    for layer in 0..LAYERS {
        for part in [
            "decoder.key",
            "decoder.value",
            "encoder.key",
            "encoder.value",
        ] {
            let value = past.map(|past| past[&format!("present.{layer}.{part}")].clone());
            let value = value.unwrap_or_else(|| Value::empty(HEADS, 64));
            inputs.insert(format!("past_key_values.{layer}.{part}"), value);
        }
    }
    graph.run(&inputs)
}

#[test]
fn the_rewritten_graphs_are_bit_for_bit_the_shipped_ones() {
    let (weights, settings) = source();
    let as_shipped = Precisions::AS_SHIPPED;
    let mut encode = Graph::load(&encoder(&weights, &settings, &as_shipped).expect("whole"));
    let mut decode = Graph::load(&decoder(&weights, &settings, &as_shipped).expect("whole"));
    let mut shipped = Graph::shipped(&format!("whisper-{DECODER}"));

    let features = features(3000);
    let found = encode.run(&features);
    let expected = Graph::shipped(&format!("whisper-{ENCODER}")).run(&features);
    let hidden = &expected["last_hidden_state"];
    assert_eq!(
        &found["last_hidden_state"], hidden,
        "encoder at thirty seconds"
    );

    let first = shipped_step(&mut shipped, hidden, &PROMPT, None);
    let ours = decode.run(&with_tokens(empty_past(found.clone()), &PROMPT));
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            let cross = &first[&format!("present.{layer}.encoder.{what}")];
            assert_eq!(&found[&format!("cross.{layer}.{what}")], cross);
            let past = &first[&format!("present.{layer}.decoder.{what}")];
            assert_eq!(&ours[&format!("present.{layer}.{what}")], past);
        }
    }
    check_alignment(&ours["cross_attention"], &first, &settings);
    check_logits(&ours["logits"], &first["logits"]);

    let next = shipped_step(&mut shipped, hidden, &[484], Some(&first));
    let ours = decode.run(&with_tokens(continued(found, &ours), &[484]));
    let last = LAYERS - 1;
    let past = &next[&format!("present.{last}.decoder.key")];
    assert_eq!(
        &ours[&format!("present.{last}.key")],
        past,
        "a step after a past"
    );
    check_logits(&ours["logits"], &next["logits"]);
}

/// Each alignment head is the shipped output's, bit for bit.
fn check_alignment(found: &Value, shipped: &Values, settings: &Settings) {
    let [_, heads, tokens, frames] = found.dims()[..] else {
        panic!("four axes");
    };
    assert_eq!(heads, settings.alignment_heads.len());
    let size = tokens * frames;
    for (place, [layer, head]) in settings.alignment_heads.iter().enumerate() {
        let theirs = shipped[&format!("cross_attentions.{layer}")].floats();
        let (from, to) = (place * size, head * size);
        assert_eq!(found.floats()[from..from + size], theirs[to..to + size]);
    }
}

/// The last position's logits. Here the graphs differ on purpose: the shipped one multiplies
/// floats, ours rounds the 384 numbers of the last hidden state to 255 steps. The errors of the
/// products average out to about 1 % of the logits' spread, and the best token stays the best.
fn check_logits(found: &Value, shipped: &Value) {
    let vocabulary = found.dims()[2];
    let found = found.floats();
    let shipped = shipped.floats();
    let shipped = &shipped[shipped.len() - vocabulary..];
    assert!(relative_error(found, shipped) < 0.02);
    let best = |logits: &[f32]| (0..vocabulary).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    assert_eq!(best(found), best(shipped));
}

#[test]
fn tokens_may_come_in_any_portions() {
    let (weights, settings) = source();
    let mut encode = Graph::load(&encoder(&weights, &settings, &FLOAT).expect("whole"));
    let mut decode = Graph::load(&decoder(&weights, &settings, &FLOAT).expect("whole"));
    let cross = encode.run(&features(600));
    let whole = decode.run(&with_tokens(empty_past(cross.clone()), &PROMPT));
    let mut inputs = empty_past(cross);
    let mut out = Values::new();
    for portion in [&PROMPT[..3], &PROMPT[3..5], &PROMPT[5..]] {
        out = decode.run(&with_tokens(inputs.clone(), portion));
        inputs = continued(inputs, &out);
    }
    let last = format!("present.{}.value", LAYERS - 1);
    assert!(distance(out[&last].floats(), whole[&last].floats()) < 1e-3);
    assert!(relative_error(out["logits"].floats(), whole["logits"].floats()) < 0.01);
}

#[test]
fn fused_attention_and_installed_precisions_stay_close_to_full_precision() {
    let (weights, settings) = source();
    let inputs = features(800);
    let run = |precisions: &Precisions| {
        let model = encoder(&weights, &settings, precisions).expect("whole");
        Graph::load(&model).run(&inputs)["last_hidden_state"]
            .floats()
            .to_vec()
    };
    let exact = run(&FLOAT);
    let fused = run(&Precisions {
        fused_attention: true,
        ..FLOAT
    });
    assert!(relative_error(&fused, &exact) < 1e-4);
    let installed = relative_error(&run(&Precisions::INSTALLED), &exact);
    let shipped = relative_error(&run(&Precisions::AS_SHIPPED), &exact);
    assert!(installed < 0.7 * shipped, "{installed} against {shipped}");
}
