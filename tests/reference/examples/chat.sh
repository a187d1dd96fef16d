curl -N -X POST http://localhost:8765/voice-agent/chat/stream \
  -H "Content-Type: application/json" \
  -d '{
    "messages": [
      {"role": "user", "content": "Summarize the key takeaways."}
    ],
    "user_id": "user-1"
  }'

# SSE response:
# data: {"type": "text_chunk", "content": "The key takeaways..."}
# data: {"type": "done"}
