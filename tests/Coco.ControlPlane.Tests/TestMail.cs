using System.Text.RegularExpressions;
using System.Threading.Channels;
using Coco.ControlPlane.Mails;

namespace Coco.ControlPlane.Tests;

/// <summary>Takes the mails that a control plane sends.</summary>
internal sealed partial class TestMail : IMailSender
{
    private readonly Channel<Mail> _mails = Channel.CreateUnbounded<Mail>();

    public Task SendAsync(Mail mail, CancellationToken cancellationToken) => _mails.Writer.WriteAsync(mail, cancellationToken).AsTask();

    /// <summary>The next mail, in the order in which they were sent.</summary>
    public Task<Mail> NextAsync() => _mails.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>The code in the link of the next mail.</summary>
    public async Task<string> NextCodeAsync() => Code().Match((await NextAsync()).Text).Groups["code"].Value;

    [GeneratedRegex(@"\?code=(?<code>[A-Za-z0-9_-]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
