using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Apps;

/// <summary>The names by which apps know people (OpenID Connect Core §8, pairwise): two apps cannot find out that they know the same person. No answer to an app has
/// another.</summary>
internal sealed class Subjects(ServerSecret secret)
{
    private const int MarkSize = 16;

    private readonly byte[] _key = secret.Derive("subjects");
    private readonly byte[] _markKey = secret.Derive("external users");

    /// <summary>A person's name for one app.</summary>
    public string Of(string account, string app) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{app}\n{account}")));

    /// <summary>A developer's user in logs and in the audit: developers name users as they like, by addresses of mail too.</summary>
    public string MarkOf(string app, string externalUser) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_markKey, Encoding.UTF8.GetBytes($"{app}\n{externalUser}")).AsSpan(0, MarkSize));

    /// <summary>What a caller is called where it sees it: as <see cref="Caller.Name"/>, but an app that acts for somebody does not learn whom else's app that is.</summary>
    public string NameOf(Caller caller) => caller is { IsForSomebody: true, AccountId: { } account, AppId: { } app } ? $"app:{app}/subject:{Of(account, app)}" : caller.Name;
}
