using Coco.Crypto;
using Coco.Transport.Loop;
using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>What an endpoint that is a relay has to be told of its clients, and tells of them.</summary>
public sealed partial class Endpoint
{
    /// <summary>The relay's terms (<see cref="RelayServerOptions.Terms"/>) have changed: they are asked for anew, and hold when this completes. A client
    /// that is refused now is cut off and told why. Does nothing for an endpoint that is no relay.</summary>
    /// <param name="clients">Of these.</param>
    /// <param name="networks">And of all that belonged to these so far.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task UpdateRelayTermsAsync(IReadOnlyCollection<NodeId> clients, IReadOnlyCollection<string> networks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clients);
        ArgumentNullException.ThrowIfNull(networks);
        return AskRelayAsync(
            (core, now) =>
            {
                core.HandleRelayTermsChanged(clients, networks, now);
                return true;
            },
            cancellationToken);
    }

    /// <summary>What clients used since the last call, each byte once, also of those that have left since
    /// (<see cref="RelayServerOptions.MetersUsage"/>). Whoever cancels the wait may lose what was taken.</summary>
    /// <exception cref="ObjectDisposedException">The endpoint is disposed: take what is left before.</exception>
    public Task<IReadOnlyList<RelayUsage>> TakeRelayUsageAsync(CancellationToken cancellationToken = default) =>
        AskRelayAsync(static (core, _) => core.TakeRelayUsage(), cancellationToken);

    private Task<T> AskRelayAsync<T>(Func<Traversal.Roaming.RoamingEndpoint, TimeSpan, T> act, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposal is not null, this);
        var question = new CoreQuestion<T>(_loop, core => act(core, _loop.Now));
        if (!_loop.TryPost(question)) { throw Overloaded(); }
        return question.Answer.WaitAsync(cancellationToken);
    }
}
