//! Voiceprints of many recordings, for training what reads them: one row a recording of
//! `embeddings.npy` [rows, 192] and `statistics.npy` [rows, 14336], both f32 and little endian, and a
//! line of `rows.tsv`: row, path, seconds of speech that were heard, what went wrong ("-": nothing).
//! A row with an error is all zeros. Decoding, voice activity, excerpt and network are those that run
//! when recordings are transcribed.
//!
//! `cargo run -p speech --release --example voiceprints -- --list LIST.tsv --audio FOLDER --out FOLDER`
//!
//! The list's first column is the path under the folder; its first line, if that column is called
//! `path`, is a header.

use anyhow::{Context as _, ensure};
use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use speech::voice::{EMBEDDING, STATISTICS, excerpt};
use speech::{SAMPLE_RATE_HZ, SegmenterOptions, SpeechSegment, VoiceActivity, Voiceprint, Voices};
use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Parser)]
struct Args {
    /// Tab-separated; the first column is a path.
    #[arg(long)]
    list: PathBuf,
    /// Folder that the paths are in.
    #[arg(long)]
    audio: PathBuf,
    /// Folder for the results.
    #[arg(long)]
    out: PathBuf,
    /// Recordings worked on at once, each on one thread.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

struct Models {
    voice_activity: VoiceActivity,
    voices: Voices,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let list = std::fs::read_to_string(&args.list).context("reading the list")?;
    let first = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    let mut paths: Vec<String> = list.lines().map(first).collect();
    if paths.first().is_some_and(|path| path == "path") {
        paths.remove(0);
    }
    let models = load(args.threads)?;
    std::fs::create_dir_all(&args.out)?;
    let embeddings = Mutex::new(Table::create(
        &args.out,
        "embeddings",
        paths.len(),
        EMBEDDING,
    )?);
    let statistics = Mutex::new(Table::create(
        &args.out,
        "statistics",
        paths.len(),
        STATISTICS,
    )?);
    let lines = Mutex::new(vec![String::new(); paths.len()]);
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<()> {
        while let Some((row, path)) = at(&paths, next.fetch_add(1, Ordering::Relaxed)) {
            let (seconds, fault) = match print(&models, &args.audio.join(path)) {
                Ok((print, seconds)) => {
                    lock(&embeddings).write(row, &print.embedding)?;
                    lock(&statistics).write(row, &print.statistics)?;
                    (seconds, "-".to_owned())
                }
                Err(error) => (0.0, format!("{error:#}").replace(['\t', '\n'], " ")),
            };
            lock(&lines)[row] = format!("{row}\t{path}\t{seconds:.2}\t{fault}\n");
            if row % 250 == 0 {
                eprintln!("{row} of {}", paths.len());
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..args.threads.max(1))
            .map(|_| scope.spawn(work))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .map_err(|_| anyhow::anyhow!("a worker panicked"))?
        })
    })?;
    let mut rows = File::create(args.out.join("rows.tsv"))?;
    rows.write_all(b"row\tpath\tseconds\terror\n")?;
    rows.write_all(lock(&lines).concat().as_bytes())?;
    lock(&embeddings).file.flush()?;
    lock(&statistics).file.flush()?;
    Ok(())
}

fn at(paths: &[String], row: usize) -> Option<(usize, &String)> {
    paths.get(row).map(|path| (row, path))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn load(sessions: usize) -> anyhow::Result<Models> {
    let store = Store::from_env()?;
    let runtime = Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 1,
    })?;
    let vad = store.file("silero-vad", "vad.onnx")?;
    let graph = store.file("ecapa-voxceleb", "ecapa.onnx")?;
    Ok(Models {
        voice_activity: VoiceActivity::load(&runtime, &vad, sessions)?,
        voices: Voices::load(&runtime, &graph, sessions)?,
    })
}

/// The print of a recording of one voice, and the seconds of it that were heard.
fn print(models: &Models, path: &Path) -> anyhow::Result<(Voiceprint, f64)> {
    let file = File::open(path)?;
    let audio = audio::decode_all(Box::new(file), &audio::DecodeOptions::default())?;
    let samples = audio
        .channels
        .into_iter()
        .next()
        .context("it has no audio")?;
    let mut segmenter = models.voice_activity.segmenter(SegmenterOptions::default());
    let mut found = segmenter.push(&samples)?;
    found.extend(segmenter.finish()?);
    let mut whole = SpeechSegment::whole(samples);
    whole.regions = found
        .into_iter()
        .flat_map(|segment| segment.regions)
        .collect();
    let clip = excerpt(&whole).context("less than 0.4 s of speech")?;
    let seconds = clip.len() as f64 / f64::from(SAMPLE_RATE_HZ);
    Ok((models.voices.print(&clip)?, seconds))
}

/// A matrix in NumPy's format, written row by row in any order.
struct Table {
    file: BufWriter<File>,
    data: u64,
    width: usize,
}

impl Table {
    fn create(folder: &Path, name: &str, rows: usize, width: usize) -> anyhow::Result<Self> {
        let mut header =
            format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
        // Magic, version and length are 10 bytes; the whole is a multiple of 64, ended by a newline.
        let length = (10 + header.len() + 1).next_multiple_of(64);
        header.extend(std::iter::repeat_n(' ', length - 10 - header.len() - 1));
        header.push('\n');
        let mut file = File::create(folder.join(format!("{name}.npy")))?;
        file.write_all(b"\x93NUMPY\x01\x00")?;
        file.write_all(&u16::try_from(header.len())?.to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        let data = length as u64;
        file.set_len(data + (rows * width * size_of::<f32>()) as u64)?;
        let file = BufWriter::new(file);
        Ok(Self { file, data, width })
    }

    fn write(&mut self, row: usize, numbers: &[f32]) -> anyhow::Result<()> {
        ensure!(numbers.len() == self.width, "a row of another width");
        let place = self.data + (row * self.width * size_of::<f32>()) as u64;
        self.file.seek(SeekFrom::Start(place))?;
        for number in numbers {
            self.file.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }
}
