//! The API reference, held against the running product: its examples run as printed, and every name
//! in it has a test.

mod coverage;
mod examples;
mod names;
mod network;
mod scene;
mod shape;

use network::Network;
use scene::Scene;

#[test]
fn every_example_of_the_reference_runs_as_printed() {
    let network = network::enter("every_example_of_the_reference_runs_as_printed");
    if network == Network::Done {
        return;
    }
    let (mut scene, tags) = (Scene::new(network == Network::Own), examples::tags());
    let mut wrong = Vec::new();
    for example in examples::all() {
        let began = std::time::Instant::now();
        wrong.extend(example.run(&mut scene, &tags));
        println!("{:5.1} s {}", began.elapsed().as_secs_f64(), example.file);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_printed_example_is_in_the_list() {
    let files = std::fs::read_dir(examples::folder().join("examples")).expect("there are examples");
    let mut files: Vec<String> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let mut listed: Vec<String> = examples::all().into_iter().map(|e| e.file).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
}
