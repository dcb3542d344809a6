<?php
// Hands an application in for the risk audit as legacy PHP programs do: PHP's own OpenSSL, PKCS #1
// v1.5 blocks of 245 bytes, Base64, an array posted by cURL (multipart); or a form that is packed as
// a whole, with `Content-Encoding: gzip`, as the interface's description prints it.
//
// The question is one JSON object on the standard input, what came of it one on the standard
// output; the fields are those of `Question` and `Told` in tests/tests/audit_clients.rs.

function post($asked, $path, $fields)
{
    $curl = curl_init($asked['base_url'] . $path);
    curl_setopt_array($curl, [CURLOPT_POSTFIELDS => $fields, CURLOPT_RETURNTRANSFER => true]);
    return told($curl);
}

function post_packed($asked, $path, $fields)
{
    $curl = curl_init($asked['base_url'] . $path);
    curl_setopt_array($curl, [
        CURLOPT_POSTFIELDS => gzencode(http_build_query($fields)),
        CURLOPT_HTTPHEADER => ['Content-Encoding: gzip'],
        CURLOPT_RETURNTRANSFER => true,
    ]);
    return told($curl);
}

function told($curl)
{
    $answer = json_decode(curl_exec($curl), true);
    if (curl_error($curl) !== '' || $answer['code'] !== 0) {
        fwrite(STDERR, curl_error($curl) . json_encode($answer, JSON_UNESCAPED_UNICODE) . "\n");
        exit(1);
    }
    return $answer['data'];
}

function encrypted($text, $public_key)
{
    $cipher = '';
    foreach (str_split($text, 245) as $part) {
        openssl_public_encrypt($part, $block, $public_key, OPENSSL_PKCS1_PADDING);
        $cipher .= $block;
    }
    return base64_encode($cipher);
}

$asked = json_decode(stream_get_contents(STDIN), true);
$account = ['username' => $asked['username'], 'password' => $asked['password']];
$token = post($asked, '/client/authorize/token', $account)['token'];
$text = $asked['gzip'] ? gzencode($asked['application']) : $asked['application'];
$person = ['name' => $asked['name'], 'phone' => $asked['phone'], 'id_card' => $asked['id_card']];
$data = encrypted($text, $asked['public_key']);
$fields = ['token' => $token, 'data' => $data] + $person;
$send = $asked['packs_body'] ? 'post_packed' : 'post';
$open_id = $send($asked, '/risk-model/audit/open-id', $fields)['open_id'];
for ($look = 0; $look < 100; $look++) {
    $curl = curl_init($asked['base_url'] . '/risk-model/audit/result?open_id=' . $open_id);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    $result = told($curl);
    if ($result['state'] !== 2) {
        break;
    }
    usleep(100000);
}
echo json_encode(['open_id' => $open_id] + $result), "\n";
