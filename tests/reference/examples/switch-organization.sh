# Switch active organization
curl -X POST http://localhost:9000/bot/api/orgs/switch \
  -H "Content-Type: application/json" \
  -b cookies.txt \
  -d '{"organization_id": "org-uuid"}'
