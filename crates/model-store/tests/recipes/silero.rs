//! Silero over sequences against Silero frame by frame.

use model_store::recipes::silero::over_sequences;

use crate::support::{Graph, Value, Values, distance, shipped, sound};

const FRAMES: usize = 300;

#[test]
fn a_sequence_gives_what_its_frames_give_one_by_one() {
    let model = onnx_graph::load(&shipped("silero_vad_16k_sequence.onnx")).expect("readable");
    let mut ours = Graph::load(&over_sequences(model).expect("as expected"));
    let mut theirs = Graph::shipped("silero_vad.onnx");
    let sound = sound(64 + FRAMES * 512);
    let frame = |n: usize| sound[n * 512..n * 512 + 576].to_vec();

    let mut state = Value::Float(vec![2, 1, 128], vec![0.0; 256]);
    let mut expected = Vec::new();
    for n in 0..FRAMES {
        let out = theirs.run(&Values::from([
            ("input".to_owned(), Value::Float(vec![1, 576], frame(n))),
            ("state".to_owned(), state),
            ("sr".to_owned(), Value::Int(vec![], vec![16_000])),
        ]));
        expected.extend_from_slice(out["output"].floats());
        state = out["stateN"].clone();
    }
    // In two parts, so that the state that is handed on is tested, too.
    let mut found = Vec::new();
    let mut carried = Value::Float(vec![2, 1, 128], vec![0.0; 256]);
    for part in [0..FRAMES / 3, FRAMES / 3..FRAMES] {
        let frames = part.clone().flat_map(frame).collect();
        let out = ours.run(&Values::from([
            (
                "frames".to_owned(),
                Value::Float(vec![part.len(), 576], frames),
            ),
            ("state".to_owned(), carried),
        ]));
        found.extend_from_slice(out["probability"].floats());
        carried = out["state_out"].clone();
    }
    assert!(distance(&found, &expected) < 1e-5);
    assert!(distance(carried.floats(), state.floats()) < 1e-5);
}
