//! Accounts, organizations and calls through the gateway: the examples of the reference as they are
//! printed there, and what is left after something is killed in the middle of writing.

use e2e::{Answer, Stack};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const JSON: &str = "Content-Type: application/json";

/// `curl` with a cookie jar in the stack's folder.
fn jar(stack: &Stack, name: &str) -> String {
    let path: PathBuf = stack.data.path().join(name);
    path.display().to_string()
}

fn post(stack: &Stack, path: &str, jar: &str, body: &Value) -> Answer {
    let body = body.to_string();
    stack.curl(&[
        "-X", "POST", path, "-H", JSON, "-b", jar, "-c", jar, "-d", &body,
    ])
}

fn get(stack: &Stack, path: &str, jar: &str) -> Answer {
    stack.curl(&[path, "-b", jar])
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
    let guest = &format!("{jar}.guest");
    let answer = stack.curl(&["-X", "POST", "/bot/api/auth/guest", "-c", guest]);
    assert!((200..300).contains(&answer.status), "{}", answer.body);
    let theirs = get(&stack, &format!("/bot/api/agents/{agent}"), guest);
    assert_eq!(
        (theirs.status, theirs.error_code().as_str()),
        (404, "not_found")
    );
    assert_eq!(get(&stack, "/bot/api/agents", guest).json(), json!([]));

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
    let guest = stack.curl(&["-X", "POST", "/bot/api/auth/guest"]);
    assert_eq!(
        (guest.status, guest.error_code().as_str()),
        (503, "database_unavailable")
    );
    stack.launch_one("postgres");
    stack.wait_until_ready();
    let guest = stack.curl(&["-X", "POST", "/bot/api/auth/guest"]);
    assert!((200..300).contains(&guest.status), "{}", guest.body);
}

#[test]
fn every_acknowledged_write_survives_the_killing_of_the_service_and_of_the_database() {
    let mut stack = Stack::people(&[]);
    let jar = jar(&stack, "cookies.txt");
    let guest = stack.curl(&["-X", "POST", "/bot/api/auth/guest", "-c", &jar]);
    assert!((200..300).contains(&guest.status), "{}", guest.body);
    for victim in ["voice-bot", "postgres"] {
        let acknowledged = written_while(&mut stack, &jar, victim);
        assert!(
            !acknowledged.is_empty(),
            "nothing was written before {victim} was killed"
        );
        let listed = get(&stack, "/bot/api/customers", &jar).json();
        let listed: BTreeSet<&str> = listed
            .as_array()
            .expect("a plain array")
            .iter()
            .filter_map(|customer| customer["id"].as_str())
            .collect();
        let lost: Vec<&String> = acknowledged
            .iter()
            .filter(|id| !listed.contains(id.as_str()))
            .collect();
        assert!(
            lost.is_empty(),
            "{} of {} lost with {victim}",
            lost.len(),
            acknowledged.len()
        );
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
    while written() < 20 {
        e2e::pause();
    }
    stack.kill(victim);
    stack.launch_one(victim);
    stack.wait_until_ready();
    let before = written();
    while written() < before + 5 {
        e2e::pause();
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().expect("no writer panicked");
    }
    let written = acknowledged.lock().expect("no writer panicked");
    written.clone()
}
