namespace Coco.Quic.Tls;

/// <summary>ServerHello and HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4).</summary>
internal sealed partial class ClientHandshake
{
    private void HandleServerHello(ReadOnlySpan<byte> message)
    {
        if (!ServerHello.TryParse(BodyOf(message), out var hello, out var alert))
        {
            Fail(alert, "the server sent a malformed ServerHello");
            return;
        }

        if (!CheckVersion(hello) || !CheckEchoes(hello)) { return; }
        if (hello.IsHelloRetryRequest)
        {
            HandleHelloRetryRequest(hello, message);
            return;
        }

        if (!CheckExtensions(hello.Extensions, cookieAllowed: false)) { return; }
        if (!hello.Extensions.TryFind(ExtensionType.KeyShare, out var keyShare))
        {
            Fail(AlertDescription.MissingExtension, "the server sent no key_share");
            return;
        }

        if (!KeyShare.TryReadServer(keyShare, out var share, out alert) )
        {
            Fail(alert, "the server's key_share is not one for x25519");
            return;
        }

        if (!TryAgree(share))
        {
            Fail(AlertDescription.IllegalParameter, "the server's x25519 share gives an all-zero secret");
            return;
        }

        Transcript.Append(message);
        InstallHandshakeSecrets();
        _state = ClientState.WaitEncryptedExtensions;
    }

    private bool CheckVersion(ServerHello hello)
    {
        if (hello.Extensions.TryFind(ExtensionType.SupportedVersions, out var data))
        {
            var reader = new TlsReader(data);
            if (!reader.TryReadUInt16(out var version) || !reader.IsEmpty)
            {
                return Fail(AlertDescription.DecodeError, "the server's supported_versions is malformed");
            }

            // §4.2.1: a version that was not offered, or one before TLS 1.3, is illegal here.
            return (version == TlsProfile.Version && hello.LegacyVersion == TlsProfile.LegacyVersion) ||
                   Fail(AlertDescription.IllegalParameter, $"the server chose version 0x{version:x4}, which was not offered");
        }

        // §4.1.3: a server that could do better and says so was talked down by someone in between.
        var end = hello.Random[^8..];
        return end.StartsWith(TlsProfile.DowngradeSentinel) && end[7] <= 1
            ? Fail(AlertDescription.IllegalParameter, "the server was made to downgrade from TLS 1.3")
            : Fail(AlertDescription.ProtocolVersion, $"the server speaks version 0x{hello.LegacyVersion:x4} and not TLS 1.3");
    }

    private bool CheckEchoes(ServerHello hello)
    {
        if (!hello.SessionIdEcho.IsEmpty)
        {
            return Fail(AlertDescription.IllegalParameter, "the server echoes a session id that was empty");
        }
        if (hello.CompressionMethod != 0)
        {
            return Fail(AlertDescription.IllegalParameter, "the server chose a compression method");
        }
        return hello.CipherSuite == TlsProfile.CipherSuite ||
               Fail(
                   AlertDescription.IllegalParameter,
                   $"the server chose cipher suite 0x{hello.CipherSuite:x4}, which was not offered");
    }

    private bool CheckExtensions(ExtensionBlock extensions, bool cookieAllowed)
    {
        foreach (var extension in extensions)
        {
            switch (extension.Type)
            {
                case ExtensionType.SupportedVersions or ExtensionType.KeyShare:
                case ExtensionType.Cookie when cookieAllowed:
                    break;

                // §4.2: known, but not here.
                case var type when Offered(type):
                    return Fail(AlertDescription.IllegalParameter, $"the server's hello has {type} in it");
                case var type:
                    return Fail(
                        AlertDescription.UnsupportedExtension,
                        $"the server's hello answers extension {(ushort)type}, which was not sent");
            }
        }

        return true;
    }

    private void HandleHelloRetryRequest(ServerHello hello, ReadOnlySpan<byte> message)
    {
        if (_retried)
        {
            Fail(AlertDescription.UnexpectedMessage, "the server sent a second HelloRetryRequest");
            return;
        }

        if (!CheckExtensions(hello.Extensions, cookieAllowed: true)) { return; }

        // §4.2.8: the group must be one we offered and sent no share for. The one we offer always has its share.
        if (hello.Extensions.Contains(ExtensionType.KeyShare))
        {
            Fail(AlertDescription.IllegalParameter, "the server asks for another key share than the one group offered");
            return;
        }

        // §4.1.4: a retry that would change nothing is illegal.
        if (!hello.Extensions.TryFind(ExtensionType.Cookie, out var data))
        {
            Fail(AlertDescription.IllegalParameter, "the server's HelloRetryRequest would not change the ClientHello");
            return;
        }

        if (!Cookie.TryRead(data, out var cookie))
        {
            Fail(AlertDescription.DecodeError, "the server's cookie is malformed");
            return;
        }

        _retried = true;
        Transcript.ReplaceWithMessageHash();
        Transcript.Append(message);
        SendClientHello(cookie);
    }
}
