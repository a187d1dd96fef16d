//! What time it is, here and elsewhere.

use super::Called;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// What the model is told of this tool.
pub fn declaration(zone: &TimeZone) -> llm::Tool {
    let zone = zone.iana_name().unwrap_or("UTC");
    llm::Tool {
        name: "clock".into(),
        description: format!(
            "The current date, weekday and time, in the user's time zone ({zone}) or another one."
        ),
        parameters: json!({
            "type": "object",
            "properties": {"time_zone": {"type": "string", "description": "IANA name, such as Asia/Kolkata"}},
        }),
    }
}

/// A zone of its IANA name.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name.trim()).ok()
}

/// Runs a call.
pub fn call(arguments: &Value, own: &TimeZone) -> Called {
    let other = arguments["time_zone"]
        .as_str()
        .filter(|name| !name.is_empty());
    let zone = match other {
        Some(name) => zone(name).ok_or(
            "there is no such time zone; use a name of the IANA database, such as Europe/Berlin",
        )?,
        None => own.clone(),
    };
    Ok(told(&jiff::Timestamp::now().to_zoned(zone)))
}

fn told(now: &Zoned) -> String {
    json!({
        "date": now.strftime("%F").to_string(),
        "time": now.strftime("%T").to_string(),
        "weekday": now.strftime("%A").to_string(),
        "time_zone": now.time_zone().iana_name().unwrap_or("UTC"),
        "utc_offset": now.strftime("%:z").to_string(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_their_offsets_and_summer_times() {
        let at = |text: &str, name: &str| {
            let instant: jiff::Timestamp = text.parse().unwrap();
            let told = told(&instant.to_zoned(zone(name).unwrap()));
            serde_json::from_str::<Value>(&told).unwrap()
        };
        let india = at("2026-11-22T19:00:00Z", "Asia/Kolkata");
        assert_eq!(
            (
                &india["date"],
                &india["time"],
                &india["weekday"],
                &india["utc_offset"]
            ),
            (
                &json!("2026-11-23"),
                &json!("00:30:00"),
                &json!("Monday"),
                &json!("+05:30")
            )
        );
        assert_eq!(
            at("2026-07-01T12:00:00Z", "Europe/Berlin")["time"],
            "14:00:00"
        );
        assert_eq!(
            at("2026-12-01T12:00:00Z", "Europe/Berlin")["time"],
            "13:00:00"
        );
    }

    #[test]
    fn a_zone_that_there_is_not_is_told_to_the_model() {
        let wrong = call(&json!({"time_zone": "Mars/Olympus"}), &TimeZone::UTC);
        assert!(wrong.unwrap_err().contains("Europe/Berlin"));
    }
}
