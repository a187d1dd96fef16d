# Create a voice agent
curl -X POST http://localhost:9000/bot/api/agents \
  -H "Content-Type: application/json" \
  -b "access_token=..." \
  -d '{
    "name": "Sales Rep",
    "system_prompt": "You are a helpful sales assistant for Acme Corp.",
    "greeting": "Hi there! How can I help you today?",
    "voice": "tara",
    "voice_gender": "female",
    "llm_model": "gemini-2.5-flash"
  }'

# Response:
# {"id": "uuid", "name": "Sales Rep", "voice": "tara", ...}
