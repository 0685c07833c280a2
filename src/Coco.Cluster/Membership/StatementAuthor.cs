using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>Makes the statements of one key. One key has one author: two would fork its chain, which counts as cheating.</summary>
internal sealed class StatementAuthor(IdentityKey key, MembershipLog log)
{
    /// <summary>The statement the next one will follow; other keys' consents name it.</summary>
    public StatementId Previous => log.TipOf(key.Id).Last;

    /// <summary>Begins a network, with its root key.</summary>
    public static Statement Create(IdentityKey root, StatementBody.CreateNetwork body, ulong time) =>
        Statement.Sign(root, new(root.Id), 0, default, default, [], time, body);

    /// <summary>Signs the next statement and adds it to the log. It must be on disk before it is sent: a chain cannot be begun anew.</summary>
    /// <exception cref="InvalidOperationException">The key is in no office, or the log has no room.</exception>
    public Statement State(StatementBody body, ulong time) => State(body, time, log.State.AuthorityOf(new(key.Id)) ?? default);

    /// <summary>The same in a certain office, for a key that has several, and for recovery keys.</summary>
    public Statement State(StatementBody body, ulong time, StatementId authority)
    {
        var tip = log.TipOf(key.Id);
        var statement = Statement.Sign(key, log.Network, tip.Count, tip.Last, authority, log.SeenBy(key.Id), time, body);
        var result = log.Add(statement);
        return result.Outcome is StatementOutcome.Added
            ? statement
            : throw new InvalidOperationException($"This {body.Type} would be refused by everybody: {result.Outcome} {result.Refusal}.");
    }
}
