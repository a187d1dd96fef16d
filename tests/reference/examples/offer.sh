# Start a WebRTC voice session
curl -X POST http://localhost:9000/bot/api/offer \
  -H "Content-Type: application/json" \
  -b "access_token=..." \
  -d '{
    "sdp": "<browser SDP offer string>",
    "type": "offer",
    "agent_id": "agent-uuid",
    "customer_id": "customer-uuid"
  }'

# Response: {"sdp": "<SDP answer>", "type": "answer", "pc_id": "..."}
