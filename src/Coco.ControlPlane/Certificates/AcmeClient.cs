using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Certificates;

/// <summary>Has a certificate authority give a certificate: account, order, challenges, request, chain (RFC 8555 §7).</summary>
internal sealed class AcmeClient(AcmeSession session, AcmeSettings settings)
{
    private const int MaxChain = 10; // chosen
    private const int MaxToken = 512; // chosen

    // §7.5.1: as often as the authority says, within what neither of us minds.
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SlowestPoll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Makes the account, or finds the one that the key has already (§7.3, §7.3.1).</summary>
    /// <returns>Its URL.</returns>
    public async Task<string> OpenAccountAsync(CancellationToken cancellationToken)
    {
        var (url, meta) = (session.Directory.NewAccount, session.Directory.Meta);
        if (meta?.ExternalAccountRequired == true && settings.ExternalAccount is null)
        {
            throw new AcmeProblem("urn:ietf:params:acme:error:externalAccountRequired", "the authority serves its own customers alone", null).ToException("There is no account");
        }
        var payload = new JsonObject { ["termsOfServiceAgreed"] = settings.AgreesToTerms };
        if (settings.Email is { } email) { payload["contact"] = new JsonArray("mailto:" + email); }
        if (settings.ExternalAccount is { } outer) { payload["externalAccountBinding"] = JsonNode.Parse(Jws.Bind(session.Key, outer, ReadSecret(settings.ExternalAccountKeyFile!), url)); }
        try
        {
            var answer = await session.PostAsync(url, payload.ToJsonString(), "It gives no account", cancellationToken);
            return session.Account = answer.Location ?? throw new AcmeException("The certificate authority made an account and did not say where. Ask it whether it is out of order.");
        }
        catch (AcmeException exception) when (meta?.TermsOfService is { } terms && !settings.AgreesToTerms && !exception.IsAway)
        {
            throw new AcmeException($"{exception.Message} Its terms of service are at {AcmeProblem.Tame(terms)}: read them, and set Acme.AgreesToTerms.", exception) { Type = exception.Type };
        }
    }

    /// <summary>Orders a certificate.</summary>
    /// <param name="names">For which names.</param>
    /// <param name="publish">Puts a challenge's answer where the authority will ask for it: name, token, key authorization.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IssuedCertificate> OrderAsync(IReadOnlyList<string> names, Func<string, string, string, CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.Serialize(new { identifiers = names.Select(static name => new { type = "dns", value = name }) });
        var answer = await session.PostAsync(session.Directory.NewOrder, payload, "It takes no order", cancellationToken);
        var url = answer.Location ?? throw new AcmeException("The certificate authority took an order and did not say where. Ask it whether it is out of order.");
        var order = AcmeJson.Read<AcmeOrder>(answer.Body);
        var authorizations = order.Authorizations ?? [];
        if (authorizations.Length > names.Count) { throw new AcmeException("The certificate authority asks about more names than were ordered. Ask it whether it is out of order."); }
        foreach (var authorization in authorizations) { await AuthorizeAsync(authorization, names, publish, cancellationToken); }

        order = await PollAsync<AcmeOrder>(url, static one => one.Status is not ("pending" or "processing"), cancellationToken);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (order.Status == "ready")
        {
            await session.PostAsync(order.Finalize ?? "", JsonSerializer.Serialize(new { csr = Base64Url.EncodeToString(Request(names, key)) }), "It refuses the request", cancellationToken);
            order = await PollAsync<AcmeOrder>(url, static one => one.Status is not ("ready" or "processing"), cancellationToken);
        }
        if (order.Status != "valid") { throw (order.Error ?? new(null, $"the order is {order.Status}", null)).ToException("It gives no certificate"); }
        var chain = await session.PostAsync(order.Certificate ?? "", "", "It does not hand the certificate out", cancellationToken);
        return Check(chain.Body, names, key);
    }

    // One after the other: there are few, and who has to wait is nobody.
    private async Task AuthorizeAsync(string url, IReadOnlyList<string> names, Func<string, string, string, CancellationToken, Task> publish, CancellationToken cancellationToken)
    {
        var authorization = await ReadAsync<AcmeAuthorization>(url, cancellationToken);
        if (authorization.Status == "valid") { return; } // from before (§7.1.3)
        var name = authorization.Identifier.Value;
        if (authorization.Identifier.Type != "dns" || !names.Contains(name, StringComparer.Ordinal)) { throw new AcmeException($"The certificate authority asks about '{AcmeProblem.Tame(name)}', which was not ordered. Ask it whether it is out of order."); }
        if (authorization.Status == "pending")
        {
            var challenge = Array.Find(authorization.Challenges ?? [], one => one.Type == settings.Challenge)
                ?? throw new AcmeException($"The certificate authority has no challenge {settings.Challenge} for {name}. Set Acme.Challenge to the other one, or choose another authority.");
            if (challenge.Token is not { Length: > 0 and <= MaxToken } token || !Base64Url.IsValid(token)) { throw new AcmeException("The certificate authority's challenge has no token. Ask it whether it is out of order."); }
            await publish(name, token, Jws.KeyAuthorization(session.Key, token), cancellationToken);
            await session.PostAsync(challenge.Url, "{}", $"It does not look at {name}", cancellationToken); // §7.5.1
            authorization = await PollAsync<AcmeAuthorization>(url, static one => one.Status != "pending", cancellationToken);
        }
        if (authorization.Status == "valid") { return; }
        var problem = (authorization.Challenges ?? []).Select(static one => one.Error).FirstOrDefault(static error => error is not null);
        throw (problem ?? new(null, $"the authorization is {authorization.Status}", null)).ToException($"{name} was not shown to be ours");
    }

    private async Task<T> ReadAsync<T>(string url, CancellationToken cancellationToken) =>
        AcmeJson.Read<T>((await session.PostAsync(url, "", "It does not tell how things are", cancellationToken)).Body);

    private async Task<T> PollAsync<T>(string url, Func<T, bool> isDone, CancellationToken cancellationToken)
    {
        for (var pause = FirstPoll; ; pause = pause * 1.5 < SlowestPoll ? pause * 1.5 : SlowestPoll)
        {
            var answer = await session.PostAsync(url, "", "It does not tell how things are", cancellationToken);
            var read = AcmeJson.Read<T>(answer.Body);
            if (isDone(read)) { return read; }
            var wait = answer.RetryAfter ?? pause;
            await Task.Delay(wait < FirstPoll ? FirstPoll : wait > LongestPause ? LongestPause : wait, cancellationToken);
        }
    }

    // §7.4: the names of the order, and no more.
    private static byte[] Request(IReadOnlyList<string> names, ECDsa key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) { alternatives.AddDnsName(name); }
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }

    private static IssuedCertificate Check(string chain, IReadOnlyList<string> names, ECDsa key)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(chain);
            // §9.1: the own one comes first.
            if (certificates.Count is 0 or > MaxChain) { throw new AcmeException($"The certificate authority gave a chain of {certificates.Count} certificates. Ask it whether it is out of order."); }
            var own = certificates[0];
            using var its = own.GetECDsaPublicKey();
            if (its is null || !its.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())) { throw new AcmeException("The certificate authority gave a certificate for another key than ours. Ask it whether it is out of order."); }
            if (names.FirstOrDefault(name => !own.MatchesHostname(name, allowWildcards: true, allowCommonName: false)) is { } missing) { throw new AcmeException($"The certificate authority gave a certificate without {missing}. Ask it whether it is out of order."); }
            return new(chain, key.ExportPkcs8PrivateKey(), new(own.NotBefore.ToUniversalTime()), new(own.NotAfter.ToUniversalTime()));
        }
        catch (CryptographicException exception)
        {
            throw new AcmeException("The certificate authority gave something that is no chain of certificates. Ask it whether it is out of order.", exception);
        }
        finally
        {
            foreach (var certificate in certificates) { certificate.Dispose(); }
        }
    }

    private static byte[] ReadSecret(string file)
    {
        try
        {
            return Base64Url.DecodeFromChars(File.ReadAllText(file).Trim());
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new AcmeException($"Acme.ExternalAccountKeyFile: {file} cannot be read as base64url ({exception.Message}).", exception);
        }
    }
}
