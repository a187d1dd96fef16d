//! Accounts, organizations and calls through the gateway: the examples of the reference as they are
//! printed there, and what is left after something is killed in the middle of writing.

use e2e::{Answer, Stack};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const JSON: &str = "Content-Type: application/json";

/// A cookie jar in the stack's folder.
fn jar(stack: &Stack, name: &str) -> String {
    let path: PathBuf = stack.data.path().join(name);
    path.display().to_string()
}

// Attached to their options: on their own, paths would be taken for addresses.
fn reading(jar: &str) -> String {
    format!("-b{jar}")
}

fn writing(jar: &str) -> String {
    format!("-c{jar}")
}

fn post(stack: &Stack, path: &str, jar: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let (reading, writing) = (reading(jar), writing(jar));
    stack.curl(&[
        "-X", "POST", path, "-H", JSON, &reading, &writing, "-d", &body,
    ])
}

fn get(stack: &Stack, path: &str, jar: &str) -> Answer {
    stack.curl(&[path, &reading(jar)])
}

fn guest(stack: &Stack, jar: &str) -> Answer {
    let answer = stack.curl(&["-X", "POST", "/bot/api/auth/guest", &writing(jar)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

fn id(answer: &Answer) -> String {
    assert!(
        (200..300).contains(&answer.status),
        "{} {}",
        answer.status,
        answer.body
    );
    let json = answer.json();
    json["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {json}"))
        .to_owned()
}

#[test]
fn the_examples_of_the_reference_run_as_printed() {
    let stack = Stack::people(&[]);
    let jar = &jar(&stack, "cookies.txt");
    let account = json!({"email": "user@example.com", "password": "securepass123"});
    let signup = post(
        &stack,
        "/bot/api/auth/signup",
        &format!("{jar}.other"),
        &account,
    );
    assert_eq!(signup.status, 201, "{}", signup.body);
    let login = post(&stack, "/bot/api/auth/login", jar, &account);
    assert_eq!(login.status, 200, "{}", login.body);
    let cookies = std::fs::read_to_string(jar).expect("curl keeps cookies");
    assert!(
        cookies.contains("#HttpOnly_") && cookies.contains("/bot/api/auth\t"),
        "{cookies}"
    );
    let me = get(&stack, "/bot/api/auth/me", jar);
    assert_eq!(me.status, 200, "{}", me.body);
    assert!(me.body.contains("user@example.com"), "{}", me.body);

    let organization = json!({"name": "Acme Corp", "slug": "acme"});
    let organization = id(&post(&stack, "/bot/api/orgs", jar, &organization));
    let switched = post(
        &stack,
        "/bot/api/orgs/switch",
        jar,
        &json!({"organization_id": organization}),
    );
    assert_eq!(switched.status, 200, "{}", switched.body);
    let invitation = json!({"email": "colleague@example.com", "role": "member"});
    id(&post(
        &stack,
        &format!("/bot/api/orgs/{organization}/invitations"),
        jar,
        &invitation,
    ));
    // Without SMTP_URL letters are files.
    let letters =
        std::fs::read_dir(stack.data.path().join("outbox")).expect("letters were written");
    assert!(
        letters.flatten().count() >= 2,
        "a verification and an invitation"
    );

    let agent = json!({
        "name": "Sales Rep",
        "system_prompt": "You are a helpful sales assistant for Acme Corp.",
        "greeting": "Hi there! How can I help you today?",
        "voice": "tara",
        "voice_gender": "female",
        "llm_model": "gemini-2.5-flash"
    });
    let agent = id(&post(&stack, "/bot/api/agents", jar, &agent));
    let customer =
        json!({"name": "Jane Smith", "phone_number": "+14155551234", "email": "jane@example.com"});
    id(&post(&stack, "/bot/api/customers", jar, &customer));
    let agents = get(&stack, "/bot/api/agents", jar).json();
    assert_eq!(agents[0]["id"], agent.as_str());
    assert_eq!(get(&stack, "/bot/api/calls", jar).json(), json!([]));

    // Guest access: no body, no content type.
    let other = &format!("{jar}.guest");
    guest(&stack, other);
    let theirs = get(&stack, &format!("/bot/api/agents/{agent}"), other);
    assert_eq!(
        (theirs.status, theirs.error_code().as_str()),
        (404, "not_found")
    );
    assert_eq!(get(&stack, "/bot/api/agents", other).json(), json!([]));

    let document = stack.curl(&["/openapi.json"]).json();
    assert!(document["paths"]["/bot/api/auth/signup"]["post"].is_object());
    assert_eq!(
        document["components"]["securitySchemes"]["session"]["in"],
        "cookie"
    );
}

#[test]
fn without_its_database_the_service_says_so_and_recovers() {
    let mut stack = Stack::people(&[]);
    stack.kill("postgres");
    let ready = stack.curl(&["/ready"]);
    assert_eq!(ready.status, 503, "{}", ready.body);
    let refused = stack.curl(&["-X", "POST", "/bot/api/auth/guest"]);
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (503, "database_unavailable")
    );
    stack.launch_one("postgres");
    stack.wait_until_ready();
    guest(&stack, &jar(&stack, "cookies.txt"));
}

#[test]
fn every_acknowledged_write_survives_the_killing_of_the_service_and_of_the_database() {
    let mut stack = Stack::people(&[]);
    let jar = jar(&stack, "cookies.txt");
    guest(&stack, &jar);
    for victim in ["voice-bot", "postgres"] {
        let acknowledged = written_while(&mut stack, &jar, victim);
        assert!(
            !acknowledged.is_empty(),
            "nothing was written before {victim} was killed"
        );
        let listed = customers(&stack, &jar);
        let lost: Vec<&String> = acknowledged
            .iter()
            .filter(|id| !listed.contains(*id))
            .collect();
        assert!(
            lost.is_empty(),
            "{} of {} lost with {victim}",
            lost.len(),
            acknowledged.len()
        );
    }
}

/// Ids of all customers, page by page.
fn customers(stack: &Stack, jar: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = get(stack, &format!("/bot/api/customers?limit=500{cursor}"), jar).json();
        let data = page["data"].as_array().expect("a page has data");
        ids.extend(
            data.iter()
                .filter_map(|customer| Some(customer["id"].as_str()?.to_owned())),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// Ids of customers whose creation was acknowledged while `victim` was killed and started again.
fn written_while(stack: &mut Stack, jar: &str, victim: &'static str) -> Vec<String> {
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let url = format!("http://127.0.0.1:{}/bot/api/customers", stack.port);
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (acknowledged, stop, url, jar) = (
                acknowledged.clone(),
                stop.clone(),
                url.clone(),
                jar.to_owned(),
            );
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let output = std::process::Command::new("curl")
                        .args(["-s", "-f", "--max-time", "10", "-H", JSON, "-b", &jar])
                        .args(["-d", r#"{"name": "Jane"}"#, &url])
                        .output()
                        .expect("curl is installed");
                    if output.status.success() {
                        let json: Value =
                            serde_json::from_slice(&output.stdout).expect("a whole answer");
                        let id = json["id"]
                            .as_str()
                            .expect("a customer has an id")
                            .to_owned();
                        acknowledged.lock().expect("no writer panicked").push(id);
                    }
                }
            })
        })
        .collect();
    let written = || acknowledged.lock().expect("no writer panicked").len();
    let until = |count: usize| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while written() < count {
            assert!(
                Instant::now() < deadline,
                "{} of {count} written in a minute",
                written()
            );
            e2e::pause();
        }
    };
    until(20);
    stack.kill(victim);
    stack.launch_one(victim);
    stack.wait_until_ready();
    until(written() + 5);
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().expect("no writer panicked");
    }
    let written = acknowledged.lock().expect("no writer panicked");
    written.clone()
}
