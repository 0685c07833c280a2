using System.Buffers;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coco.ControlPlane.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Coco.ControlPlane.Certificates;

/// <summary>HTTPS with the newest certificate; and, on the same port, what a certificate authority looks for there: a handshake with a protocol of its own (RFC 8737).</summary>
internal sealed class TlsAlpn(CertificateStore store, CertificateInUse shown, ControlPlaneSettings settings, ILogger<TlsAlpn> logger) : IDisposable
{
    private const string Protocol = "acme-tls/1"; // RFC 8737 §6.2
    private const string AcmeIdentifier = "1.3.6.1.5.5.7.1.31"; // RFC 8737 §6.1
    private const int AtOnce = 16; // chosen: authorities look from a handful of places; whoever else asks costs a question to the database

    private static readonly byte[] ProtocolName = Encoding.ASCII.GetBytes(Protocol);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // as long as Kestrel waits for a handshake

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>Makes an address one of HTTPS.</summary>
    /// <param name="listen">The address.</param>
    /// <param name="shown">What is shown there.</param>
    /// <param name="settings">Whether an authority comes there.</param>
    public static void Configure(ListenOptions listen, CertificateInUse shown, ControlPlaneSettings settings)
    {
        var isLookedAt = settings.Acme is { IsOn: true, Challenge: AcmeSettings.TlsAlpn };
        if (isLookedAt)
        {
            listen.Use(static next => async connection =>
            {
                if (await IsAskedAsync(connection)) { connection.Items[Protocol] = true; }
                await next(connection);
            });
        }
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context => isLookedAt && context.Connection.Items.ContainsKey(Protocol)
                ? listen.ApplicationServices.GetRequiredService<TlsAlpn>().AnswerAsync(context.ClientHelloInfo.ServerName, context.CancellationToken)
                : new(new SslServerAuthenticationOptions { ServerCertificateContext = shown.Context }),
        });
    }

    /// <summary>The certificate that shows an authority that a name is ours (RFC 8737 §3).</summary>
    /// <param name="name">The name.</param>
    /// <param name="keyAuthorization">The challenge's answer.</param>
    /// <param name="now">The time.</param>
    public static X509Certificate2 Prove(string name, string keyAuthorization, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=acme", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var digest = new AsnWriter(AsnEncodingRules.DER);
        digest.WriteOctetString(SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization)));
        request.CertificateExtensions.Add(new X509Extension(AcmeIdentifier, digest.Encode(), critical: true));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public void Dispose() => _turns.Dispose();

    private async ValueTask<SslServerAuthenticationOptions> AnswerAsync(string name, CancellationToken cancellationToken)
    {
        // Who is turned away is shown what everybody is, and is none of the wiser.
        var plain = new SslServerAuthenticationOptions { ServerCertificateContext = shown.Context };
        if (!settings.Acme.Domains.Contains(name, StringComparer.OrdinalIgnoreCase) || !await _turns.WaitAsync(0, cancellationToken)) { return plain; }
        try
        {
            var domain = name.ToLowerInvariant();
            if (await store.FindAnswerAsync(domain, token: null, cancellationToken) is not { } answer) { return plain; }
            using var proof = Prove(domain, answer, DateTimeOffset.UtcNow);
            CertificateLog.ChallengeShown(logger, domain);
            return new() { ServerCertificateContext = CertificateInUse.Make(proof, null), ApplicationProtocols = [new(Protocol)] };
        }
        finally
        {
            _turns.Release();
        }
    }

    // Looks at the first record and leaves it there. Whoever sends none in time is for HTTPS to deal with, which has a limit of its own.
    private static async Task<bool> IsAskedAsync(ConnectionContext connection)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        var input = connection.Transport.Input;
        try
        {
            var head = await input.ReadAtLeastAsync(ClientHello.RecordHead, patience.Token);
            var length = ClientHello.RecordLength(FirstOf(head.Buffer, ClientHello.RecordHead));
            input.AdvanceTo(head.Buffer.Start);
            if (length == 0) { return false; }
            var hello = await input.ReadAtLeastAsync(length, patience.Token);
            var isAsked = hello.Buffer.Length >= length && ClientHello.OffersOnly(FirstOf(hello.Buffer, length), ProtocolName);
            input.AdvanceTo(hello.Buffer.Start);
            return isAsked;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private static byte[] FirstOf(ReadOnlySequence<byte> buffer, int length) => buffer.Slice(0, Math.Min(length, buffer.Length)).ToArray();
}
