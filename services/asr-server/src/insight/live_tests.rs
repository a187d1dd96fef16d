//! What finals carry beside their words, with the models that run.

use super::*;
use crate::options::profile;
use crate::profiles::Catalogue;
use crate::readable::readable;
use api::entities::EntityType;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::{Store, Variant};
use speech::{DecoderKind, Language};

fn live(wishes: Wishes) -> LiveInsight {
    let store = Store::from_env().expect("HOME is set");
    let library = store.file("onnxruntime", "libonnxruntime.so");
    let runtime = Runtime::start(RuntimeConfig {
        library: library.expect("installed"),
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 1,
    });
    let insight = Insight::load(&runtime.expect("it starts"), &store, 1).expect("installed");
    let profile = profile(None, &Catalogue::of(Variant::EnLite)).expect("the default");
    LiveInsight::new(insight, profile, wishes)
}

fn said(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.to_owned(),
        tokens: Vec::new(),
        given: 0,
        raw_text: text.to_owned(),
        words: Vec::new(),
        alternatives: Vec::new(),
        inline: speech::Inline::default(),
        confidence: 0.9,
        language: Language::ENGLISH,
        language_confidence: None,
        avg_logprob: 0.0,
        no_speech_prob: 0.0,
        compression_ratio: 1.0,
        temperature: 0.0,
        decoder: DecoderKind::Greedy,
        rejected: None,
    }
}

/// What is told of a first final without a voice.
async fn told(wishes: Wishes, hypothesis: &Hypothesis, readable: &Readable) -> Told {
    let mut insight = live(wishes);
    let segment = SpeechSegment::whole(vec![0.0; 16_000]);
    let part = insight
        .parts(&segment, hypothesis.clone(), UtteranceVoices::default())
        .remove(0);
    insight.tell(&part, readable).await.expect("the models run")
}

#[tokio::test]
async fn a_final_has_the_entities_of_its_text_where_tags_are_wanted() {
    let hypothesis = said("my name is Diana and I paid twelve hundred dollars on March third");
    let readable = readable(&hypothesis, true, true, false);
    let wishes = Wishes {
        metadata: true,
        ..Wishes::none()
    };
    let found = told(wishes, &hypothesis, &readable).await;
    let entities = found.known.entities;
    let kinds: Vec<EntityType> = entities.iter().map(|entity| entity.kind.clone()).collect();
    assert_eq!(
        kinds,
        [EntityType::Person, EntityType::Money, EntityType::Date]
    );
    let text: Vec<char> = readable.text.chars().collect();
    for entity in entities {
        let span: String = text[entity.start_char..entity.end_char].iter().collect();
        assert_eq!(span, entity.value);
    }

    let found = told(Wishes::none(), &hypothesis, &readable).await;
    let known = found.known;
    assert!(known.entities.is_empty() && known.tags.is_empty());
}
