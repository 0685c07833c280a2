using System.Collections.Immutable;

namespace Coco.ControlPlane.Api;

/// <summary>Who makes a request, as its token says.</summary>
internal sealed record Caller(CallerKind Kind)
{
    public static Caller Anonymous { get; } = new(CallerKind.Anonymous);

    /// <summary>The person, for <see cref="CallerKind.Account"/>, <see cref="CallerKind.Delegated"/> and <see cref="CallerKind.Cloud"/>.</summary>
    public string? AccountId { get; init; }

    /// <summary>The app, for all others but <see cref="CallerKind.Account"/> and <see cref="CallerKind.Operator"/>.</summary>
    public string? AppId { get; init; }

    /// <summary>The developer's name for one of its users, for <see cref="CallerKind.ExternalUser"/>.</summary>
    public string? ExternalUserId { get; init; }

    /// <summary>A keyed hash of <see cref="ExternalUserId"/>, for what is written down.</summary>
    public string? ExternalMark { get; init; }

    /// <summary>What the token may be used for; a person's own sign-in has all.</summary>
    public ImmutableHashSet<string> Scopes { get; init; } = [];

    /// <summary>The token's name in the store, by which it can be taken back. It is no secret.</summary>
    public string? TokenId { get; init; }

    public bool IsPerson => Kind is CallerKind.Account or CallerKind.Delegated;

    /// <summary>Whether an app acts for a person, whom it knows by a name of its own.</summary>
    public bool IsForSomebody => Kind is CallerKind.Delegated or CallerKind.Cloud;

    /// <summary>One text for each caller: what rates, idempotency keys and the audit go by. It is shown to nobody (<see cref="Apps.Subjects.NameOf"/>).</summary>
    public string Name => Kind switch
    {
        CallerKind.Account => "account:" + AccountId,
        CallerKind.Delegated or CallerKind.Cloud => $"account:{AccountId}/app:{AppId}",
        CallerKind.App => "app:" + AppId,
        CallerKind.ExternalUser => $"app:{AppId}/user:{ExternalMark}",
        CallerKind.Operator => "operator",
        _ => "anonymous",
    };

    public bool Has(string scope) => Kind is CallerKind.Account or CallerKind.Operator || Scopes.Contains(scope);

    /// <summary>For parameters of handlers.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;
}
