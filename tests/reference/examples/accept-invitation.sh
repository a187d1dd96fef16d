# Accept invitation (the invited user)
curl -X POST http://localhost:9000/bot/api/invitations/accept \
  -H "Content-Type: application/json" \
  -b cookies.txt \
  -d '{"token": "invitation-token-from-email"}'
