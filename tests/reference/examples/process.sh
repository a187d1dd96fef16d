curl -X POST http://localhost:8765/process \
  -H "Content-Type: application/json" \
  -H "X-Device-Id: user-1" \
  -d '{
    "transcript": "What meetings do I have today?",
    "user_id": "user-1",
    "language": "en"
  }'

# Response: mode, processed_text, is_command, etc.
