using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Discovery;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <summary>
/// The signing side of a network at a control plane: what a developer's service holds, with the owner's key, an admin's, or one that may only admit nodes.
/// It signs, the control plane carries. What the control plane shows is verified from the network's root on, and each time it has to contain what it showed
/// before. One key has one authority: two that use it at once are sorted out by the control plane, and the later one signs anew.
/// </summary>
public sealed partial class NetworkAuthority : IDisposable
{
    private const byte SettingsVersion = 1;
    private const int Attempts = 4;

    private readonly ControlPlaneClient _client;
    private readonly AuthorityOptions _options;
    private readonly IdentityKey _key;
    private readonly SemaphoreSlim _gate = new(1); // held while statements are asked for or sent
    private readonly Lock _reading = new(); // guards the log while it takes statements and while a certificate is made by it
    private readonly Lock _sharing = new(); // guards the next one
    private readonly CancellationTokenSource _ending = new();
    private Task? _next; // a download that has not begun
    private readonly List<Statement> _known = [];
    private readonly AuthorityMemory? _remembered;
    private readonly AuthorityMemory _seen;
    private MembershipLog _log;

    private NetworkAuthority(ControlPlaneClient client, NetworkId network, IdentityKey key, AuthorityOptions options)
    {
        (_client, Network, _key, _options) = (client, network, key, options);
        _remembered = options.MemoryPath is { } path ? AuthorityMemory.Read(path, network) : null;
        (_seen, _log) = (new(network), NewLog());
    }

    /// <summary>The network.</summary>
    public NetworkId Network { get; }

    /// <summary>The user whose key signs; for a delegated key that key.</summary>
    public UserId User => new(_key.Id);

    /// <summary>The recovery key of a network that was just created, which is kept nowhere: write it down. Null otherwise.</summary>
    public string? RecoveryKey { get; private set; }

    /// <summary>What the user is in the network, as far as is known here.</summary>
    public Role Role => RoleOf(User);

    /// <summary>Founds a network at the control plane. Its root key signs the beginning and is forgotten.</summary>
    /// <param name="client">The control plane, by the service's own token.</param>
    /// <param name="owner">The owner's key, which stays the caller's: keep it in a key file.</param>
    /// <param name="network">What the network is like.</param>
    /// <param name="options">What is remembered.</param>
    /// <param name="cancellationToken">Ends the attempt; the network may be there then.</param>
    public static async Task<NetworkAuthority> CreateAsync(
        ControlPlaneClient client, IdentityKey owner, NewNetwork network, AuthorityOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(network);
        using var root = IdentityKey.Generate();
        using var recovery = network.HasRecoveryKey ? IdentityKey.Generate() : null;
        var authority = new NetworkAuthority(client, new(root.Id), owner, options ?? new());
        try
        {
            var statements = authority.Found(root, recovery?.Id ?? default, network);
            var challenge = await client.CreateChallengeAsync(cancellationToken).ConfigureAwait(false);
            await client.CreateNetworkAsync(new(statements, KeyProofs.Sign(owner, authority.Network, client.Origin, challenge)), cancellationToken).ConfigureAwait(false);
            await authority.SynchroniseAsync(cancellationToken).ConfigureAwait(false);
            authority.RecoveryKey = recovery is null ? null : Hosting.RecoveryKey.Write(recovery);
            return authority;
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a network that is at the control plane.</summary>
    /// <param name="client">The control plane.</param>
    /// <param name="network">The network, as its owner names it: not as the control plane does.</param>
    /// <param name="key">The key that signs, which stays the caller's.</param>
    /// <param name="options">What is remembered.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ControlPlaneException">The control plane has no such network, or shows less of it than before.</exception>
    public static async Task<NetworkAuthority> OpenAsync(
        ControlPlaneClient client, NetworkId network, IdentityKey key, AuthorityOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(key);
        var authority = new NetworkAuthority(client, network, key, options ?? new());
        try
        {
            await authority.SynchroniseAsync(cancellationToken).ConfigureAwait(false);
            return authority;
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    /// <summary>Takes what was signed before this is called. Who asks at once shares a download.</summary>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.RolledBack"/>: the control plane shows less than before, or something else.</exception>
    public Task SynchroniseAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
        Task shared;
        // One that is under way may have been answered already: what counts is the next.
        lock (_sharing) { shared = _next ??= Task.Run(DownloadNextAsync, CancellationToken.None); }
        return shared.WaitAsync(cancellationToken);
    }

    private async Task DownloadNextAsync()
    {
        await _gate.WaitAsync(_ending.Token).ConfigureAwait(false);
        try
        {
            lock (_sharing) { _next = null; }
            await DownloadAsync(_ending.Token).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends its use. The key is the caller's.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    internal MembershipLog Log => _log;

    private Role RoleOf(UserId user)
    {
        lock (_reading) { return _log.State.RoleOf(user); }
    }

    private ulong Now => (ulong)Math.Max(0, _client.Time.GetUtcNow().ToUnixTimeSeconds());

    private MembershipLog NewLog() => new(Network, new() { MaxStatementsOfIssuer = _options.MaxStatements });

    private MembershipLog LogOfKnown() => WelcomeStatements.Load(Network, [.. _known.Select(static statement => statement.Encoded)], new() { MaxStatementsOfIssuer = _options.MaxStatements });

    // The settings, with the discovery key, are a statement of their own: what leads to a certificate is shown to strangers.
    private string[] Found(IdentityKey root, NodeId recovery, NewNetwork network)
    {
        var log = NewLog();
        var beginning = StatementAuthor.Create(root, new(User, recovery, network.Name, network.Profile, default), Now);
        log.Add(beginning);
        var settings = new byte[1 + DiscoveryKey.Size];
        settings[0] = SettingsVersion;
        RandomSource.System.Fill(settings.AsSpan(1));
        var next = new StatementAuthor(_key, log).State(new StatementBody.SetSettings(network.Name, network.Profile, settings), Now);
        return [Base64Url.EncodeToString(beginning.Encoded.Span), Base64Url.EncodeToString(next.Encoded.Span)];
    }

    // Signs, sends, and sees to it that the control plane shows it afterwards.
    private Task<StatementId> StateAsync(
        StatementBody body, Func<ReadOnlyMemory<byte>, CancellationToken, Task<ChangeView>> sendAsync, CancellationToken cancellationToken) => StateAsync(() => body, sendAsync, cancellationToken);

    // What is said may depend on what was said before; a recovery key signs in an office of its own.
    private async Task<StatementId> StateAsync(
        Func<StatementBody> say, Func<ReadOnlyMemory<byte>, CancellationToken, Task<ChangeView>> sendAsync, CancellationToken cancellationToken, IdentityKey? recovery = null)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                await DownloadAsync(cancellationToken).ConfigureAwait(false);
                var statement = Sign(say(), recovery);
                try
                {
                    await sendAsync(statement.Encoded, cancellationToken).ConfigureAwait(false);
                }
                catch (ControlPlaneException exception) when (exception.Code is ControlPlaneError.StatementRefused && attempt < Attempts)
                {
                    // Another process with this key may have signed meanwhile. If nobody has, it is refused for what it says.
                    var before = _seen.Number;
                    await DownloadAsync(cancellationToken).ConfigureAwait(false);
                    if (_seen.Number == before) { throw; }
                    continue;
                }
                await DownloadAsync(cancellationToken).ConfigureAwait(false);
                return _log.Find(statement.Id) is not null
                    ? statement.Id
                    : throw new ControlPlaneException(ControlPlaneError.RolledBack, $"{_client.Origin} took a statement and does not show it.");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    // In a log of its own: what was not sent must not be followed by anything.
    private Statement Sign(StatementBody body, IdentityKey? recovery)
    {
        var log = LogOfKnown();
        try
        {
            var statement = recovery is null ? new StatementAuthor(_key, log).State(body, Now) : new StatementAuthor(recovery, log).State(body, Now, log.State.Recovery.By);
            var reason = log.ReasonOf(statement.Id);
            return reason is VoidReason.None
                ? statement
                : throw new ControlPlaneException(ControlPlaneError.Forbidden, $"{body.Type} would have no effect: {reason}.");
        }
        catch (InvalidOperationException exception) { throw new ControlPlaneException(ControlPlaneError.Forbidden, $"This key may not state {body.Type}: {exception.Message}", exception); }
        catch (ArgumentException exception) { throw new ControlPlaneException(ControlPlaneError.Invalid, exception.Message, exception); }
    }
}
