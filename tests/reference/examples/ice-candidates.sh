# Send ICE candidates as they arrive
curl -X PATCH http://localhost:9000/bot/api/offer \
  -H "Content-Type: application/json" \
  -d '{"pc_id": "...", "candidates": [{"candidate": "..."}]}'
