# Invite a user
curl -X POST http://localhost:9000/bot/api/orgs/{org_id}/invitations \
  -H "Content-Type: application/json" \
  -b cookies.txt \
  -d '{"email": "colleague@example.com", "role": "member"}'
