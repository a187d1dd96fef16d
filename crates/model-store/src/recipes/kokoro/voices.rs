//! The voices in one file, and the phonemes' numbers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::recipe::RecipeError;
use crate::recipes::files;

/// A voice has a style for each number of tokens from 1 to this.
const ROWS: usize = 510;
/// Length of a style.
const WIDTH: usize = 256;
const CONFIG: &str = "config.json";

/// `voices.json`: how `voices.bin` is read.
#[derive(Serialize)]
struct Voices {
    /// Styles of a voice; that of number n - 1 is for n tokens between the two zeros.
    rows: usize,
    /// f32, little endian, of a style.
    width: usize,
    /// One after the other in `voices.bin`.
    voices: Vec<String>,
}

#[derive(Deserialize)]
struct Config {
    n_token: i64,
    vocab: BTreeMap<String, i64>,
}

/// Every `{voice}.bin` of `input`, in the order of their names, as `voices.bin` and `voices.json`.
/// The single files are removed.
///
/// # Errors
/// When there is none, or one does not have the size of a voice.
pub fn pack(input: &Path, output: &Path) -> Result<(), RecipeError> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(input).map_err(RecipeError::io(input))? {
        let path = entry.map_err(RecipeError::io(input))?.path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(RecipeError::unsuitable("*.bin", "there is no voice"));
    }
    let packed = output.join("voices.bin");
    let file = File::create(&packed).map_err(RecipeError::io(&packed))?;
    let mut file = BufWriter::new(file);
    let mut voices = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).map_err(RecipeError::io(&path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if bytes.len() != ROWS * WIDTH * size_of::<f32>() {
            let reason = format!("{} bytes, not {ROWS} styles of {WIDTH}", bytes.len());
            return Err(RecipeError::unsuitable(name, reason));
        }
        file.write_all(&bytes).map_err(RecipeError::io(&packed))?;
        voices.push(name.into_owned());
        fs::remove_file(&path).map_err(RecipeError::io(&path))?;
    }
    file.flush().map_err(RecipeError::io(&packed))?;
    let voices = Voices {
        rows: ROWS,
        width: WIDTH,
        voices,
    };
    write_json(&voices, &output.join("voices.json"))
}

/// `vocabulary.json`, phoneme -> token, out of `config.json`, which is removed.
///
/// # Errors
/// When it is not such a configuration, or gives a number outside the model's table.
pub fn vocabulary(input: &Path, output: &Path) -> Result<(), RecipeError> {
    let config: Config = files::read_json(input, CONFIG)?;
    let inside = |token: &i64| (1..config.n_token).contains(token);
    if !config.vocab.values().all(inside) {
        return Err(RecipeError::unsuitable(CONFIG, "a token outside the table"));
    }
    write_json(&config.vocab, &output.join("vocabulary.json"))?;
    let path = input.join(CONFIG);
    fs::remove_file(&path).map_err(RecipeError::io(path))
}

fn write_json(value: &impl Serialize, path: &Path) -> Result<(), RecipeError> {
    let text = serde_json::to_vec_pretty(value).expect("lists and maps of text always serialise");
    fs::write(path, text).map_err(RecipeError::io(path))
}
