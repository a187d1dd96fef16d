//! The examples of the reference, as `tests/reference/examples.toml` lists them: run as printed, and
//! their answers held against the documented fields.

use crate::scene::Scene;
use crate::shape::{self, Tags};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An example; the fields are explained in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// In `examples/`.
    pub file: String,
    /// Heading of the reference.
    pub section: String,
    #[serde(default)]
    bind: BTreeMap<String, String>,
    continues: Option<String>,
    says: Option<String>,
    #[serde(default)]
    asks: Vec<String>,
    reads: Option<String>,
    documents: Option<usize>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    holds: Vec<String>,
    #[serde(default)]
    saves: BTreeMap<String, String>,
}

/// `tests/reference`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reference")
}

/// A file of `tests/reference` as text.
pub fn read(name: &str) -> String {
    let path = folder().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All, in order.
pub fn all() -> Vec<Example> {
    #[derive(Deserialize)]
    struct File {
        example: Vec<Example>,
    }
    let file: File = toml::from_str(&read("examples.toml")).expect("examples.toml is well-formed");
    file.example
}

/// The tags that the reference lists.
pub fn tags() -> Tags {
    toml::from_str(&read("tags.toml")).expect("tags.toml is well-formed")
}

impl Example {
    /// Runs it; all that is wrong with what came.
    pub fn run(&self, scene: &mut Scene, tags: &Tags) -> Vec<String> {
        let printed = read(&format!("examples/{}", self.file));
        let mut script = match &self.continues {
            Some(command) => format!("{command} {printed}"),
            None => printed,
        };
        for (text, value) in &self.bind {
            assert!(script.contains(text), "{}: no {text} in it", self.file);
            script = script.replace(text, &scene.value(value));
        }
        if let Some(says) = &self.says {
            scene.says(&read(&format!("answers/{says}")));
        }
        let reads = self.reads.as_deref().unwrap_or("stdout");
        let output = scene.run(&self.file, &script, reads == "messages");
        let wrong = |why: String| format!("{} ({}): {why}\n{output}", self.file, self.section);
        let answer = match answer(&output, reads, self.documents.unwrap_or(1), scene) {
            Ok(answer) => answer,
            Err(why) => return vec![wrong(why)],
        };
        let mut all: Vec<String> = Vec::new();
        for (path, kind) in &self.fields {
            all.extend(shape::check(&answer, path, kind, tags).err());
        }
        let texts = answer.to_string();
        let texts = answer.as_str().unwrap_or(&texts);
        let missing = self.holds.iter().filter(|text| !texts.contains(*text));
        all.extend(missing.map(|text| format!("no `{text}` in it")));
        let asked = scene.asked();
        let missing = self.asks.iter().filter(|text| !asked.contains(*text));
        all.extend(missing.map(|text| format!("the model was not told `{text}`: {asked}")));
        for (name, path) in &self.saves {
            match answer[path].as_str() {
                Some(value) => scene.keep(name, value),
                None => all.push(format!("no {path} to go on with")),
            }
        }
        all.into_iter().map(wrong).collect()
    }
}

fn answer(output: &str, reads: &str, documents: usize, scene: &Scene) -> Result<Value, String> {
    match reads.split_once(' ').unwrap_or((reads, "")) {
        ("stdout", _) => last(output, documents),
        ("file", name) => last(&scene.read(name), documents),
        ("text", _) => Ok(output.into()),
        ("events", _) => {
            let data = output.lines().filter_map(|line| line.strip_prefix("data:"));
            array(data.map(str::trim))
        }
        // wscat writes its prompt before some of them.
        ("messages", _) => array(
            output
                .lines()
                .filter_map(|line| Some(&line[line.find('{')?..])),
        ),
        ("sound", name) => is_sound(&scene.bytes(name)).map(|()| Value::Null),
        _ => panic!("nothing is read from {reads}"),
    }
}

fn array<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Value, String> {
    let all: Result<Vec<Value>, _> = texts.map(serde_json::from_str).collect();
    all.map(Value::Array).map_err(|error| error.to_string())
}

/// The last of so many documents, none of which is an error.
fn last(text: &str, documents: usize) -> Result<Value, String> {
    let all: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect();
    let mut all = all.map_err(|error| format!("{error} in {text}"))?;
    if all.len() != documents {
        return Err(format!(
            "{documents} answers expected, not {}: {text}",
            all.len()
        ));
    }
    match all.iter().find(|answer| answer.get("error").is_some()) {
        Some(error) => Err(format!("refused: {error}")),
        None => all.pop().ok_or_else(|| "no answer".into()),
    }
}

/// At least a second of a 24 kHz mono WAV file that is not silent.
fn is_sound(wav: &[u8]) -> Result<(), String> {
    let header = wav.get(..44).ok_or("no WAV header")?;
    let rate = u32::from_le_bytes([header[24], header[25], header[26], header[27]]);
    let samples = wav[44..].chunks_exact(2);
    let loud = samples
        .clone()
        .filter(|s| i16::from_le_bytes([s[0], s[1]]).unsigned_abs() > 1000);
    match (&header[..4], header[22], rate) {
        (b"RIFF", 1, 24_000) if samples.len() > 24_000 && loud.count() > 1000 => Ok(()),
        _ => Err(format!("{} bytes at {rate} Hz are no speech", wav.len())),
    }
}
