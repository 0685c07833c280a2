using System.Buffers.Text;
using System.Globalization;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Client.Contracts.Networks;

namespace Coco.ControlPlane.Client;

/// <content>
/// Keeping in step with the control plane. It is asked from the last statement that is known here: that has to be there still, in its place. What is new has to be
/// signed by somebody in office; a statement that waits for another is left out by the control plane, or altered, and nothing goes on until it is whole.
/// </content>
public sealed partial class NetworkAuthority
{
    private async Task DownloadAsync(CancellationToken cancellationToken)
    {
        // A control plane that shows statements without end is given up on.
        for (var pages = 0; pages <= (_options.MaxStatements / 100) + 1; pages++)
        {
            var from = Math.Max(0, _seen.Number - 1);
            var cursor = from == 0 ? null : Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(from.ToString(CultureInfo.InvariantCulture)));
            var page = await _client.ListStatementsAsync(Network, cursor, cancellationToken).ConfigureAwait(false);
            lock (_reading)
            {
                Take(page.Items, from);
                if (page.Next is null)
                {
                    RequireRemembered();
                    return;
                }
            }
        }
        throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"{_client.Origin} shows more than {_options.MaxStatements} statements.");
    }

    private void Take(IReadOnlyList<StatementView> items, long from)
    {
        var (expected, statements) = (from + 1, items.Select(Read).ToArray());
        // Of a network whose past was forgotten before it was brought there: what stands for it is on the first page.
        var begun = _known.Count == 0 ? WelcomeStatements.Install(_log, [.. statements.Select(static statement => statement.Encoded)]) : 0;
        foreach (var (item, statement) in items.Zip(statements))
        {
            if (item.Number != expected++) { throw RolledBack("leaves statements out or repeats them"); }
            if (item.Number <= _seen.Number)
            {
                if (statement.Id != _known[(int)item.Number - 1].Id) { throw RolledBack("shows another statement in the place of one that it showed before"); }
                continue;
            }
            if (_known.Count >= _options.MaxStatements) { throw new ControlPlaneException(ControlPlaneError.TooLarge, $"The network has more than {_options.MaxStatements} statements."); }
            var result = _log.Add(statement);
            if (result.Outcome is not StatementOutcome.Added && item.Number > begun)
            {
                _log = LogOfKnown();
                throw RolledBack($"shows a statement that cannot be in its place ({result.Outcome} {result.Refusal})");
            }
            _known.Add(statement);
            _seen.Add(statement.Id);
            if (_remembered is { } before && _seen.Number == before.Number && !_seen.Digest.AsSpan().SequenceEqual(before.Digest)) { throw RolledBack("shows other statements than before"); }
        }
        while (_log.TryTakeEvent(out _)) { }
        if (_seen.Number > 0 && items.Count == 0) { throw RolledBack("shows fewer statements than before"); }
    }

    private Statement Read(StatementView item)
    {
        var bytes = item.Statement.Length <= 2 * Statement.MaxLength && Base64Url.IsValid(item.Statement) ? Base64Url.DecodeFromChars(item.Statement) : [];
        return Statement.Read(bytes, Network, out var refusal) ?? throw RolledBack($"shows bytes that are no statement of the network ({refusal})");
    }

    private void RequireRemembered()
    {
        if (_seen.Number == 0 || _log.State.Owner is null) { throw RolledBack("shows no beginning of the network"); }
        if (_remembered is { } before && _seen.Number < before.Number) { throw RolledBack("shows fewer statements than before"); }
        if (_options.MemoryPath is { } path && _seen.Number != _written)
        {
            _seen.Write(path);
            _written = _seen.Number;
        }
    }

    private long _written;

    private ControlPlaneException RolledBack(string what) =>
        new(ControlPlaneError.RolledBack, $"{_client.Origin} {what} of network {Network}. It has lost data, or deceives: nothing is signed on top of it. Compare with a member's.");
}
