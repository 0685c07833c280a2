using System.Globalization;
using System.Text;

namespace Coco.Quic.Tls;

/// <summary>
/// Whether a ClientHello contains what there is nothing to negotiate about (RFC 8446 §4.1.1, §4.2, §9.2). Whatever else it
/// offers, pre-shared keys and early data included, is ignored.
/// </summary>
internal sealed partial class ServerHandshake
{
    private bool Negotiate(ClientHello hello, out ReadOnlySpan<byte> share)
    {
        share = default;
        return CheckServerName(hello) && CheckVersion(hello) && CheckSecondHello(hello) && CheckLegacyFields(hello) &&
               CheckPreSharedKey(hello) && CheckCipherSuite(hello) && CheckGroup(hello, out share) &&
               CheckCertificateTypes(hello) && CheckSignatureAlgorithms(hello) &&
               CheckApplicationProtocol(hello) && CheckTransportParameters(hello);
    }

    /// <summary>First of all, so that only those who know one of our identities learn anything.</summary>
    private bool CheckServerName(ClientHello hello)
    {
        ReadOnlySpan<byte> name = default;
        if (hello.Extensions.TryFind(ExtensionType.ServerName, out var data) && !Tls.ServerName.TryRead(data, out name))
        {
            return Fail(AlertDescription.DecodeError, "the client's server_name is malformed");
        }

        ServerName = name.IsEmpty ? null : Encoding.ASCII.GetString(name);
        if (Options.X509 is not null) { return true; }
        _identity = null;
        foreach (var identity in identities)
        {
            if (!ServerNameToken.Matches(name, identity.Id, hello.Random)) { continue; }
            (_identity, _namedByToken) = (identity, true);
            return true;
        }

        if (Options.RequireServerNameToken || identities.Count == 0)
        {
            return Fail(
                AlertDescription.UnrecognizedName,
                $"the client's server name '{Printable(name)}' is no token for an identity here");
        }

        _identity = identities[0];
        return true;
    }

    /// <summary>§4.2.1: supported_versions alone decides; a client without it speaks TLS 1.2 at best.</summary>
    private bool CheckVersion(ClientHello hello)
    {
        if (!hello.Extensions.TryFind(ExtensionType.SupportedVersions, out var data))
        {
            return Fail(AlertDescription.ProtocolVersion, "the client does not offer TLS 1.3");
        }

        if (!UInt16List.TryParse8(data, out var versions))
        {
            return Fail(AlertDescription.DecodeError, "the client's supported_versions is malformed");
        }

        return versions.Contains(TlsProfile.Version) ||
               Fail(AlertDescription.ProtocolVersion, $"the client offers versions {versions.ToString()}, not 0x0304 (TLS 1.3)");
    }

    /// <summary>§4.1.2: after a HelloRetryRequest the same ClientHello comes again but for the share asked for.</summary>
    private bool CheckSecondHello(ClientHello hello)
    {
        if (_state is ServerState.Start)
        {
            SetClientRandom(hello.Random);
            return true;
        }

        return hello.Random.SequenceEqual(ClientRandom) ||
               Fail(AlertDescription.IllegalParameter, "the client changed its random after the HelloRetryRequest");
    }

    private bool CheckLegacyFields(ClientHello hello)
    {
        // §4.1.2: exactly one method, null.
        if (!hello.CompressionMethods.SequenceEqual<byte>([0]))
        {
            return Fail(AlertDescription.IllegalParameter, "the client offers compression");
        }

        // RFC 9001 §8.4.
        return hello.SessionId.IsEmpty || !Options.RequireTransportParameters ||
               Fail(QuicErrorCode.ProtocolViolation, "the client sent a legacy_session_id, which in QUIC is empty");
    }

    /// <summary>No pre-shared key is ever taken, but an offer must have the form of one (§4.2.9, §4.2.11).</summary>
    private bool CheckPreSharedKey(ClientHello hello)
    {
        if (!hello.Extensions.Contains(ExtensionType.PreSharedKey)) { return true; }
        if (hello.Extensions.Last is not ExtensionType.PreSharedKey)
        {
            return Fail(AlertDescription.IllegalParameter, "the client's pre_shared_key is not its last extension");
        }

        return hello.Extensions.Contains(ExtensionType.PskKeyExchangeModes) ||
               Fail(AlertDescription.MissingExtension, "the client offers pre_shared_key without psk_key_exchange_modes");
    }

    private bool CheckCipherSuite(ClientHello hello) =>
        hello.CipherSuites.Contains(TlsProfile.CipherSuite) ||
        Fail(
            AlertDescription.HandshakeFailure,
            $"the client offers cipher suites {hello.CipherSuites.ToString()}, not 0x1303 (TLS_CHACHA20_POLY1305_SHA256)");

    private bool CheckGroup(ClientHello hello, out ReadOnlySpan<byte> share)
    {
        share = default;

        // §9.2: both or neither, and neither would need a pre-shared key.
        if (!hello.Extensions.TryFind(ExtensionType.SupportedGroups, out var groupData) ||
            !hello.Extensions.TryFind(ExtensionType.KeyShare, out var shareData))
        {
            return Fail(AlertDescription.MissingExtension, "the client sent no supported_groups or no key_share");
        }

        if (!UInt16List.TryParse16(groupData, out var groups))
        {
            return Fail(AlertDescription.DecodeError, "the client's supported_groups is malformed");
        }

        if (!groups.Contains(TlsProfile.Group))
        {
            return Fail(AlertDescription.HandshakeFailure, $"the client offers groups {groups.ToString()}, not 0x001d (x25519)");
        }

        if (!KeyShare.TryReadClient(shareData, out share, out var alert))
        {
            return Fail(alert, "the client's key_share is malformed or has more than one share or a wrong one for x25519");
        }

        // §4.1.4: one retry. What was asked for must be there now.
        return !share.IsEmpty || _state is ServerState.Start ||
               Fail(AlertDescription.IllegalParameter, "the client sent no x25519 share after the HelloRetryRequest");
    }

    /// <summary>
    /// RFC 7250 §4.2: no type in common is unsupported_certificate; without the extension only X.509 is offered.
    /// </summary>
    private bool CheckCertificateTypes(ClientHello hello)
    {
        _asksForCertificate = Options.ClientAuthentication is not ClientAuthentication.None;
        if (Options.X509 is not null) { return true; }
        if (!CheckCertificateType(hello, ExtensionType.ServerCertificateType)) { return false; }

        // A client that offers no type of its own has nothing to answer with, and need not be asked when it may go without.
        if (Options.ClientAuthentication is ClientAuthentication.Optional)
        {
            _asksForCertificate = hello.Extensions.Contains(ExtensionType.ClientCertificateType);
        }

        return !_asksForCertificate || CheckCertificateType(hello, ExtensionType.ClientCertificateType);
    }

    private bool CheckCertificateType(ClientHello hello, ExtensionType side)
    {
        var offersRawKeys = false;
        if (hello.Extensions.TryFind(side, out var data) && !CertificateTypes.TryReadOffer(data, out offersRawKeys))
        {
            return Fail(AlertDescription.DecodeError, $"the client's {side} is malformed");
        }

        return offersRawKeys || Fail(
            AlertDescription.UnsupportedCertificate,
            $"the client does not offer raw public keys as {side}");
    }

    private bool CheckSignatureAlgorithms(ClientHello hello)
    {
        // §4.2.3, §9.2: a server that authenticates with a certificate needs it.
        if (!hello.Extensions.TryFind(ExtensionType.SignatureAlgorithms, out var data))
        {
            return Fail(AlertDescription.MissingExtension, "the client sent no signature_algorithms");
        }

        if (!UInt16List.TryParse16(data, out var schemes))
        {
            return Fail(AlertDescription.DecodeError, "the client's signature_algorithms is malformed");
        }

        _certificate = ChooseCertificate(schemes);
        return _certificate is not null ||
               Fail(
                   AlertDescription.HandshakeFailure,
                   $"the client accepts signature schemes {schemes.ToString()}, none of ours");
    }

    private LocalCertificate? ChooseCertificate(UInt16List schemes)
    {
        if (Options.X509 is null) { return schemes.Contains(SignatureScheme.Ed25519) ? new RawKeyCertificate(_identity!) : null; }
        foreach (var credential in Options.X509.Credentials)
        {
            if (schemes.Contains(credential.Scheme)) { return credential; }
        }

        return null;
    }

    private bool CheckApplicationProtocol(ClientHello hello)
    {
        if (Options.ApplicationProtocols.Count == 0) { return true; }

        // RFC 9001 §8.1: in QUIC a client without ALPN has no protocol in common either.
        if (!hello.Extensions.TryFind(ExtensionType.ApplicationLayerProtocolNegotiation, out var data))
        {
            return Fail(AlertDescription.NoApplicationProtocol, "the client offers no application protocol");
        }

        if (!ApplicationProtocols.TrySelect(data, Options.ApplicationProtocols, out var selected))
        {
            return Fail(AlertDescription.DecodeError, "the client's list of application protocols is malformed");
        }

        SelectedAlpn = selected;
        return selected is not null ||
               Fail(
                   AlertDescription.NoApplicationProtocol,
                   $"the client offers application protocols '{ApplicationProtocols.Describe(data)}'");
    }

    private bool CheckTransportParameters(ClientHello hello)
    {
        if (!Options.RequireTransportParameters) { return true; }

        // RFC 9001 §8.2.
        if (!hello.Extensions.TryFind(ExtensionType.QuicTransportParameters, out var parameters))
        {
            return Fail(AlertDescription.MissingExtension, "the client sent no quic_transport_parameters");
        }

        PeerParameters = parameters.ToArray();
        return true;
    }

    private static string Printable(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var value in name)
        {
            if (value is >= 0x21 and < 0x7f) { text.Append((char)value); }
            else { text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"); }
        }

        return text.ToString();
    }
}
