# Sign up
curl -X POST http://localhost:9000/bot/api/auth/signup \
  -H "Content-Type: application/json" \
  -d '{"email": "user@example.com", "password": "securepass123"}'

# Login — response sets HTTP-only cookies
curl -X POST http://localhost:9000/bot/api/auth/login \
  -H "Content-Type: application/json" \
  -c cookies.txt \
  -d '{"email": "user@example.com", "password": "securepass123"}'

# Use cookies for authenticated requests
curl http://localhost:9000/bot/api/auth/me -b cookies.txt
