namespace Coco.ControlPlane.Mails;

/// <summary>A mail to a person.</summary>
/// <param name="To">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text, lines ending in \n.</param>
internal sealed record Mail(EmailAddress To, string Subject, string Text);
