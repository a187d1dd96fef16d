//! Heads written here, read back.

use super::*;
use safetensors::tensor::TensorView;

/// Tensors with their shapes, and metadata: a head file in the making.
struct File {
    tensors: Vec<(&'static str, Vec<usize>, Vec<f32>)>,
    metadata: Vec<(&'static str, String)>,
}

/// Says YES when the first of two features is large.
fn linear() -> File {
    File {
        tensors: vec![
            ("mean", vec![2], vec![1.0, 5.0]),
            ("scale", vec![2], vec![2.0, 0.5]),
            ("output.weight", vec![2, 2], vec![0.0, 0.0, 1.0, 0.0]),
            ("output.bias", vec![2], vec![0.0, 0.5]),
        ],
        metadata: vec![
            ("labels", r#"["NO", "YES"]"#.to_owned()),
            ("temperature", "2.0".to_owned()),
            ("threshold", "0.6".to_owned()),
        ],
    }
}

impl File {
    fn set(mut self, name: &'static str, shape: &[usize], values: &[f32]) -> Self {
        self.tensors.retain(|tensor| tensor.0 != name);
        self.tensors.push((name, shape.to_vec(), values.to_vec()));
        self
    }

    fn say(mut self, key: &'static str, value: &str) -> Self {
        self.metadata.retain(|(name, _)| *name != key);
        self.metadata.push((key, value.to_owned()));
        self
    }

    fn bytes(&self, dtype: Dtype) -> Vec<u8> {
        let encode = |value: &f32| match dtype {
            Dtype::F16 => half::f16::from_f32(*value).to_le_bytes().to_vec(),
            _ => value.to_le_bytes().to_vec(),
        };
        let data: Vec<Vec<u8>> = self
            .tensors
            .iter()
            .map(|(_, _, values)| values.iter().flat_map(encode).collect())
            .collect();
        let views = self
            .tensors
            .iter()
            .zip(&data)
            .map(|((name, shape, _), data)| {
                let view = TensorView::new(dtype, shape.clone(), data).expect("the shape fits");
                (*name, view)
            });
        let text = self
            .metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()));
        safetensors::serialize(views, Some(text.collect())).expect("it is a valid file")
    }

    fn head(&self) -> Head {
        Head::read("mood", &self.bytes(Dtype::F32)).expect("it is a head")
    }

    fn fault(&self) -> String {
        let error = Head::read("mood", &self.bytes(Dtype::F32)).expect_err("something is wrong");
        error.to_string()
    }
}

fn sure(head: &Head, features: &[f32]) -> f32 {
    let found = head.distribution(features).expect("the features fit");
    found.of("YES").expect("it has this label")
}

#[test]
fn features_are_standardised_weighted_and_tempered() {
    // ((4 - 1) / 2 + 0.5) / 2 = 1
    let expected = 1.0 / (1.0 + (-1.0f32).exp());
    assert!((sure(&linear().head(), &[4.0, 9.0]) - expected).abs() < 1e-6);
}

#[test]
fn half_floats_are_read_too() {
    let half = Head::read("mood", &linear().bytes(Dtype::F16)).expect("it is a head");
    assert_eq!(
        sure(&half, &[4.0, 9.0]),
        sure(&linear().head(), &[4.0, 9.0])
    );
}

#[test]
fn a_hidden_layer_is_rectified() {
    let deep = linear()
        .set("hidden.weight", &[1, 2], &[1.0, 0.0])
        .set("hidden.bias", &[1], &[0.0])
        .set("output.weight", &[2, 1], &[0.0, 1.0])
        .head();
    let without = 1.0 / (1.0 + (-0.25f32).exp());
    assert!(
        (sure(&deep, &[-9.0, 0.0]) - without).abs() < 1e-6,
        "negative units are zero"
    );
    assert!((sure(&deep, &[4.0, 0.0]) - sure(&linear().head(), &[4.0, 0.0])).abs() < 1e-6);
}

#[test]
fn broken_features_still_give_probabilities() {
    let head = linear().head();
    for odd in [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
    ] {
        let found = head.distribution(&[odd, odd]).expect("the features fit");
        let sum: f32 = found.probabilities().iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{odd}: {found:?}");
    }
}

#[test]
fn a_wrong_number_of_features_is_refused() {
    let found = linear().head().distribution(&[1.0]);
    assert!(matches!(
        found,
        Err(SpeechError::Features {
            expected: 2,
            found: 1,
            ..
        })
    ));
}

#[test]
fn the_threshold_and_the_rest_of_the_metadata_are_kept() {
    let head = linear().say("macro_f1", "0.9").head();
    let unsure = head.distribution(&[1.0, 0.0]).expect("the features fit");
    assert_eq!((head.threshold(), unsure.top()), (0.6, None));
    assert_eq!(
        (head.metadata("macro_f1"), head.metadata("none")),
        (Some("0.9"), None)
    );
}

#[test]
fn files_that_are_no_heads_are_refused_with_the_reason() {
    let faults = [
        (linear().say("labels", r#"["A"]"#), "as many labels"),
        (linear().say("labels", r#"["A", "A"]"#), "twice"),
        (linear().say("labels", "A, B"), "not a list"),
        (
            linear().say("temperature", "0"),
            "`temperature` is not positive",
        ),
        (
            linear().say("temperature", "warm"),
            "`temperature` is not a number",
        ),
        (
            linear().say("threshold", "NaN"),
            "`threshold` is not in 0..1",
        ),
        (linear().set("scale", &[2], &[1.0, 0.0]), "not positive"),
        (linear().set("scale", &[1], &[1.0]), "differ in length"),
        (linear().set("mean", &[2], &[1.0, f32::NAN]), "no number"),
        (
            linear().set("output.weight", &[1, 2], &[1.0, 1.0]),
            "not [2, 2]",
        ),
        (
            linear().set("hidden.weight", &[1, 2], &[1.0, 1.0]),
            "no tensor `hidden.bias`",
        ),
    ];
    for (file, expected) in faults {
        let reason = file.fault();
        assert!(reason.contains(expected), "{reason} should say {expected}");
    }
}

#[test]
fn any_bytes_are_refused_without_a_panic() {
    let whole = linear().bytes(Dtype::F32);
    for length in 0..whole.len() {
        assert!(Head::read("mood", &whole[..length]).is_err(), "{length}");
    }
    assert!(Head::read("mood", &[0xff; 64]).is_err());
}
