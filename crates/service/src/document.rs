//! `/openapi.json`: the OpenAPI document of a service.

use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use http::header;
use serde::Serialize;
use serde_json::{Value, json};

/// Where a schema is that tells of server-sent events.
const EVENTS: &str = "text/event-stream";

/// `GET /openapi.json`. The schema of an answer of server-sent events, as handlers name it, is that of an event's
/// `data`: here it becomes the schema of an event (OpenAPI 3.2, "Server-Sent Event Streams").
pub fn document<S: Clone + Send + Sync + 'static>(document: &impl Serialize) -> MethodRouter<S> {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    tell_events(&mut document);
    let text = document.to_string();
    get(move || {
        let text = text.clone();
        std::future::ready(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    })
}

fn tell_events(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(schema) = map.get_mut(EVENTS).and_then(|of| of.get_mut("schema")) {
                *schema = event(schema.take());
            }
            map.values_mut().for_each(tell_events);
        }
        Value::Array(values) => values.iter_mut().for_each(tell_events),
        _ => {}
    }
}

/// An event whose `data` is JSON of this schema.
fn event(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "event": { "type": "string" },
            "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": data },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_events_becomes_that_of_their_data() {
        let content =
            |kind: &str| json!({ kind: { "schema": { "$ref": "#/components/schemas/A" } } });
        let mut document = json!({ "paths": { "/a": { "get": { "responses": {
            "200": { "content": content(EVENTS) },
            "400": { "content": content("application/json") },
        } } } } });
        tell_events(&mut document);
        let responses = &document["paths"]["/a"]["get"]["responses"];
        let data = &responses["200"]["content"][EVENTS]["schema"]["properties"]["data"];
        assert_eq!(data["contentSchema"]["$ref"], "#/components/schemas/A");
        let other = &responses["400"]["content"]["application/json"]["schema"];
        assert_eq!(other["$ref"], "#/components/schemas/A");
    }
}
