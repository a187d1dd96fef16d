curl -X POST http://localhost:9000/bot/api/customers \
  -H "Content-Type: application/json" \
  -b "access_token=..." \
  -d '{
    "name": "Jane Smith",
    "phone_number": "+14155551234",
    "email": "jane@example.com"
  }'
