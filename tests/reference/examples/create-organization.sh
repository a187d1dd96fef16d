# Create an organization
curl -X POST http://localhost:9000/bot/api/orgs \
  -H "Content-Type: application/json" \
  -b cookies.txt \
  -d '{"name": "Acme Corp", "slug": "acme"}'
