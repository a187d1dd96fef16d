//! A recording whose words are known: turns, speakers, and the tags of each.

use super::voices::{Speakers, Voice};
use super::words::{Known, scene};
use super::{Models, Speaker};
use super::{inline, turns};
use crate::answer;
use crate::options::Options;
use crate::pipeline::{Placed, Recognised};
use crate::profiles::Profile;
use speech::SpeakerTracker;
use speech::{Language, SpeechError};
use speech::{RoleEvidence, Sentence, VoiceFeatures, VoiceTags};

/// Voices told apart at most where nobody asked who speaks: each is measured against its own mean.
const MOST_VOICES: usize = 20;

/// A recording with everything asked for.
pub struct Complete {
    /// Turns where speakers are told apart, utterances otherwise.
    pub segments: Vec<Recognised>,
    /// Who speaks, where that was asked.
    pub speakers: Option<Vec<Speaker>>,
    /// The voice of whoever speaks most.
    pub embedding: Option<Vec<f32>>,
}

/// Completes a recording. `speakers`: who spoke when, if that was told. Blocks.
pub fn complete(
    models: &Models,
    options: &Options,
    segments: Vec<Recognised>,
    speakers: Option<Speakers>,
) -> Result<Complete, SpeechError> {
    let (mut segments, told) = match &speakers {
        Some(speakers) => {
            let told = speakers.speakers.iter().map(|speaker| Speaker {
                seconds: speaker.seconds,
                embedding: Some(speaker.embedding.clone()),
            });
            let mut told: Vec<Speaker> = told.collect();
            let segments = by_turn(segments, speakers);
            // Words whose voice was too short to tell are somebody's all the same.
            if told.is_empty() && !segments.is_empty() {
                told.push(Speaker {
                    seconds: segments.iter().map(|it| it.end_s - it.start_s).sum(),
                    embedding: None,
                });
            }
            (segments, Some(told))
        }
        None if options.wishes.diarize.is_some() => by_channel(segments),
        None => (segments, None),
    };
    let who = voices_of(&segments);
    let embedding = match &told {
        Some(told) => loudest(told),
        None => loudest(&grouped(&segments, &who)),
    };
    for segment in &mut segments {
        segment.known = Known::of(&options.profile);
    }
    if options.wishes.metadata {
        let tags = tags(models, &features(&segments, speakers.as_ref()), &who);
        for (segment, tags) in segments.iter_mut().zip(tags) {
            hear(&mut segment.known, &options.profile, tags.as_ref());
        }
    }
    read(models, options, &mut segments, &who)?;
    if options.wishes.metadata {
        for segment in &mut segments {
            let readable = answer::read(segment, options);
            segment.known.entities = models.entities(&readable, segment.hypothesis.language);
            let first = &options.profile.heads_first;
            inline::tags(&mut segment.known, &segment.hypothesis.inline, first);
            inline::entities(&mut segment.known, &segment.hypothesis, &readable);
        }
    }
    Ok(Complete {
        segments,
        speakers: told,
        embedding,
    })
}

/// Utterances cut where the speaker changes, and joined where the same one goes on.
fn by_turn(segments: Vec<Recognised>, speakers: &Speakers) -> Vec<Recognised> {
    let cut = |mut segment: Recognised| {
        // What else it may have been is told of utterances, not of turns.
        segment.hypothesis.alternatives.clear();
        let words = segment.hypothesis.words.iter();
        let mut spans: Vec<(f64, f64)> = words.map(|word| (word.start_s, word.end_s)).collect();
        if spans.is_empty() {
            spans.push((segment.start_s, segment.end_s));
        }
        let runs = speakers.attribute(&spans);
        turns::cut(segment, &runs)
    };
    let mut pieces: Vec<Recognised> = segments.into_iter().flat_map(cut).collect();
    pieces.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    turns::join(pieces)
}

/// A channel is a speaker; speakers are numbered as they begin.
fn by_channel(mut segments: Vec<Recognised>) -> (Vec<Recognised>, Option<Vec<Speaker>>) {
    let mut channels: Vec<Option<u16>> = Vec::new();
    for segment in &mut segments {
        let known = channels
            .iter()
            .position(|channel| *channel == segment.channel);
        let speaker = known.unwrap_or_else(|| {
            channels.push(segment.channel);
            channels.len() - 1
        });
        segment.placed = Some(Placed {
            speaker,
            confidence: 1.0,
        });
    }
    let who: Vec<usize> = voices_of(&segments);
    let mut told = grouped(&segments, &who);
    told.truncate(channels.len());
    (segments, Some(told))
}

/// Whose voice each segment is: the speaker's, the channel's, or of those that sound alike.
fn voices_of(segments: &[Recognised]) -> Vec<usize> {
    let mut tracker = SpeakerTracker::new(MOST_VOICES);
    let mut last = 0;
    let of = |segment: &Recognised| {
        if let Some(placed) = segment.placed {
            return placed.speaker;
        }
        if let Some(channel) = segment.channel {
            return usize::from(channel);
        }
        if let Some(voice) = &segment.voice {
            let seconds = segment.end_s - segment.start_s;
            last = tracker.place(&voice.embedding, seconds).0;
        }
        last
    };
    segments.iter().map(of).collect()
}

/// Mean voice and time of each of `who`.
fn grouped(segments: &[Recognised], who: &[usize]) -> Vec<Speaker> {
    let count = who.iter().max().map_or(0, |most| most + 1);
    let mut groups = vec![(0.0, Vec::<f32>::new()); count];
    for (segment, &speaker) in segments.iter().zip(who) {
        let (seconds, sum) = &mut groups[speaker];
        let time = segment.end_s - segment.start_s;
        *seconds += time;
        if let Some(Voice { embedding, .. }) = &segment.voice {
            sum.resize(embedding.len(), 0.0);
            let weight = time as f32;
            sum.iter_mut()
                .zip(embedding)
                .for_each(|(s, x)| *s += weight * x);
        }
    }
    let speaker = |(seconds, sum): (f64, Vec<f32>)| {
        let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        Speaker {
            seconds,
            embedding: (norm > 0.0).then(|| sum.iter().map(|x| x / norm).collect()),
        }
    };
    groups.into_iter().map(speaker).collect()
}

/// The voice of whoever speaks most.
fn loudest(speakers: &[Speaker]) -> Option<Vec<f32>> {
    let with_voice = speakers
        .iter()
        .filter(|speaker| speaker.embedding.is_some());
    let most = with_voice.max_by(|a, b| a.seconds.total_cmp(&b.seconds))?;
    most.embedding.clone()
}

/// What is known of the voice of each segment: its own, or of the stretches of the same speaker
/// within it.
fn features(segments: &[Recognised], speakers: Option<&Speakers>) -> Vec<Option<VoiceFeatures>> {
    let Some(speakers) = speakers else {
        let own = |segment: &Recognised| Some(segment.voice.as_ref()?.features.clone());
        return segments.iter().map(own).collect();
    };
    let of = |segment: &Recognised| {
        let speaker = segment.placed?.speaker;
        let within = speakers.chunks.iter().filter(|chunk| {
            chunk.speaker == speaker
                && chunk.end_s.min(segment.end_s) > chunk.start_s.max(segment.start_s)
        });
        let within: Vec<&VoiceFeatures> = within.map(|chunk| &chunk.features).collect();
        VoiceFeatures::mean(&within)
    };
    segments.iter().map(of).collect()
}

/// Tags of the voice of each segment.
fn tags(
    models: &Models,
    features: &[Option<VoiceFeatures>],
    who: &[usize],
) -> Vec<Option<VoiceTags>> {
    let heard = features.iter().zip(who);
    let heard: Vec<_> = heard
        .filter_map(|(features, &who)| Some((features.as_ref()?, who)))
        .collect();
    let mut tags = models.voice_tags.tag(&heard).into_iter();
    let one = |features: &Option<VoiceFeatures>| match features {
        Some(_) => tags.next(),
        None => None,
    };
    features.iter().map(one).collect()
}

/// Puts down what the voice says.
pub fn hear(known: &mut Known, profile: &Profile, tags: Option<&VoiceTags>) {
    let Some(tags) = tags else { return };
    for &name in &profile.heads.voice {
        let found = match name {
            "emotion" => &tags.emotion,
            "age" => &tags.age,
            _ => &tags.gender,
        };
        if let Some(found) = found {
            known.put(name, found);
        }
    }
}

/// Puts down what the words say; then, of all of them, who has which role.
fn read(
    models: &Models,
    options: &Options,
    segments: &mut [Recognised],
    who: &[usize],
) -> Result<(), SpeechError> {
    let (profile, wishes) = (&options.profile, &options.wishes);
    let wanted = (wishes.metadata && !profile.heads.text.is_empty()) || wishes.structured_intents;
    if !wanted {
        return Ok(());
    }
    let texts: Vec<(&str, Language)> = segments
        .iter()
        .map(|segment| {
            (
                segment.hypothesis.text.as_str(),
                segment.hypothesis.language,
            )
        })
        .collect();
    let sentences = models.sentences(&texts)?;
    let mut evidence = RoleEvidence::default();
    for at in 0..segments.len() {
        let Some(sentence) = &sentences[at] else {
            continue;
        };
        let previous = before(&sentences, who, at);
        let role = models.read(profile, wishes, sentence, previous, &mut segments[at].known);
        if let Some(role) = role {
            evidence.add(who[at], &role);
            segments[at].known.put("role", &role);
        }
    }
    if scene(profile).is_some() {
        let roles = evidence.roles();
        for (segment, who) in segments.iter_mut().zip(who) {
            if let Some(role) = roles
                .get(who)
                .filter(|_| segment.known.tags.contains_key("role"))
            {
                segment.known.put_role(role);
            }
        }
    }
    Ok(())
}

/// What the other one said last, or what was said last where there is only one voice.
fn before<'a>(sentences: &'a [Option<Sentence>], who: &[usize], at: usize) -> Option<&'a Sentence> {
    let other = (0..at).rev().find(|&earlier| who[earlier] != who[at]);
    sentences[other.or(at.checked_sub(1))?].as_ref()
}
